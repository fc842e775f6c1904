"""`cnnbench predict`: a trained run on new image files."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli.options import Backend, Json, Quiet, RunFolder
from cnnbench.cli.output import console, emit, hand_over, one_line, room
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, DataError
from cnnbench.evaluation.image_files import absent, image_files
from cnnbench.files.csv_text import as_csv
from cnnbench.text import count, label, percent, significant
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnbench.evaluation.predictor import Answer

UNREAD = "not read"


def predict(
    run: RunFolder,
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...", help="Image files, folders of them, quoted patterns; - takes names on standard input."
        ),
    ],
    top: Annotated[int, typer.Option("--top", min=1, help="Classes shown per image.")] = 3,
    csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output, one column per class.")] = False,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="At the temperature that evaluate --calibrate found: the same classes.")
    ] = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Classify image files of any size with the preprocessing of the training.

    One that cannot be read is a row with the reason, the others are classified, and the exit code is 3.
    """
    from cnnbench.evaluation.calibrated import Calibrated
    from cnnbench.evaluation.predictor import Predictor
    from cnnbench.learners.choose import load
    from cnnbench.machine import runtime
    from cnnbench.runs.named import open_finished

    if csv and json:
        raise ConfigError("--csv --json: one of them")
    wanted = runtime.checked(backend)
    with Waiting(quiet) as show:
        show("looking for the run")
        opened = open_finished(run)
        temperature = opened.temperature if calibrated else None
        data, class_names = opened.load_config().data, opened.class_names
        files = _files(images)
        trained = load(opened.folder.model, wanted, show)
        trained = trained if temperature is None else Calibrated(trained, temperature)
        show(f"classifying {len(files)} images")
        began = time.perf_counter()
        answers = list(Predictor(trained, data, class_names).answers(files))
        seconds = time.perf_counter() - began
    if json:
        emit([_as_dict(answer, class_names, trained.gives_probabilities) for answer in answers])
    elif csv:
        _print_csv(answers, class_names, trained.gives_probabilities)
    else:
        _print_table(answers, class_names, top if trained.gives_probabilities else 0)
    problems = [answer.problem for answer in answers if answer.problem is not None]
    console(json=True, quiet=quiet).print(
        _throughput(len(answers) - len(problems), seconds), end="", markup=False, emoji=False, soft_wrap=True
    )
    if problems:
        raise DataError(*problems)


def _files(given: Sequence[str]) -> list[str]:
    """Return the names of what is to be classified; raises DataError where no file is meant at all."""
    names = [file for name in given for file in (_from_standard_input() if name == "-" else image_files([name]))]
    reasons = [absent(name) for name in names]
    if all(reasons):
        raise DataError(*[reason for reason in reasons if reason] or ["-: no name of an image on standard input"])
    return names


def _from_standard_input() -> list[str]:
    """Return the names on standard input, a line each or, as `find -print0` writes them, up to the next NUL."""
    given = b"" if sys.stdin is None else sys.stdin.buffer.read()
    lines = given.split(b"\0") if b"\0" in given else given.splitlines()
    return [file for line in lines if line for file in image_files([os.fsdecode(line)])]


def _throughput(images: int, seconds: float) -> str:
    """Return how long reading and classifying took; empty where nothing was read."""
    what = f"{count(images)} image{'s' if images > 1 else ''}"
    return f"{what} in {significant(seconds, 3)} s, {count(images / seconds)} images/s\n" if images else ""


def _ranked(answer: Answer, class_names: Sequence[str]) -> list[tuple[str, float]]:
    assert answer.probabilities is not None
    shares = [float(p) for p in answer.probabilities]
    return sorted(zip(class_names, shares, strict=True), key=lambda pair: -pair[1])


def _as_dict(answer: Answer, class_names: Sequence[str], gives_probabilities: bool) -> dict[str, Any]:
    if answer.probabilities is None:
        return {"file": answer.name, "problem": answer.problem}
    ranked = _ranked(answer, class_names)
    name, probability = ranked[0]
    said = {"file": answer.name, "predicted": name}
    return {**said, "probability": probability, "probabilities": dict(ranked)} if gives_probabilities else said


def _print_csv(answers: Sequence[Answer], class_names: Sequence[str], gives_probabilities: bool) -> None:
    header = ["file", "predicted", "probability", *(f"p_{name}" for name in class_names)]
    shown = len(header) if gives_probabilities else 2
    rows = ([*_csv_row(answer, class_names)[:shown], answer.problem or ""] for answer in answers)
    hand_over(as_csv([*header[:shown], "problem"], rows))


def _csv_row(answer: Answer, class_names: Sequence[str]) -> list[str]:
    if answer.probabilities is None:
        return [answer.name, *[""] * (2 + len(class_names))]
    name, probability = _ranked(answer, class_names)[0]
    shares = (format(float(p), ".9g") for p in answer.probabilities)
    return [answer.name, name, format(probability, ".9g"), *shares]


def _print_table(answers: Sequence[Answer], class_names: Sequence[str], top: int) -> None:
    """Print a row for every image, where one was read at all; of a model without probabilities (`top` 0) the class."""
    if any(answer.probabilities is not None for answer in answers):
        header = ["image", "predicted", "probability", "then"] if top else ["image", "predicted"]
        right, least, fold = ((2,), (3,), (0, 1, 3)) if top else ((), (), (0, 1))
        screen = console()
        rows = [_row(answer, class_names, top) for answer in answers]
        table = aligned([header, *rows], right, room(screen), least=least, fold=fold)
        screen.print(table, end="", markup=False, emoji=False, soft_wrap=True)


def _row(answer: Answer, class_names: Sequence[str], top: int) -> list[str]:
    image = one_line(answer.name)
    if answer.probabilities is None:
        reason = one_line((answer.problem or "").removeprefix(f"{answer.name}: "))
        return [image, UNREAD, "", reason] if top else [image, f"{UNREAD}: {reason}"]
    (name, probability), *rest = _ranked(answer, class_names)[: max(1, top)]
    others = ", ".join(f"{label(other)} {percent(chance)}" for other, chance in rest)
    return [image, label(name), percent(probability), others] if top else [image, label(name)]

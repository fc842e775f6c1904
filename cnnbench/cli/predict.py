"""`cnnbench predict`: a trained run on new image files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli.options import Backend, Json, RunFolder
from cnnbench.cli.output import console, emit, hand_over, room
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.csv_text import as_csv
from cnnbench.text import label, percent, printable
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnbench.evaluation.image_files import FilePrediction


def predict(
    run: RunFolder,
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE...", help="Image files and folders of them.", readable=False)
    ],
    top: Annotated[int, typer.Option("--top", min=1, help="Classes shown per image.")] = 3,
    csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output, one column per class.")] = False,
    backend: Backend = None,
    json: Json = False,
) -> None:
    """Classify image files of any size with the preprocessing of the training; exit with 3 where one is unreadable."""
    from cnnbench.evaluation.image_files import image_files, predict_files
    from cnnbench.learners.choose import load
    from cnnbench.machine import runtime
    from cnnbench.runs.named import open_finished

    if csv and json:
        raise ConfigError("--csv --json: one of them")
    wanted = runtime.checked(backend)
    with Waiting() as show:
        show("looking for the run")
        opened = open_finished(run)
        data, class_names = opened.load_config().data, opened.class_names
        paths = image_files(images)
        trained = load(opened.folder.model, wanted, show)
        show(f"classifying {len(paths)} images")
        predictions = predict_files(trained, data, paths)
    if json:
        emit([_as_dict(p, class_names, trained.gives_probabilities) for p in predictions])
    elif csv:
        _print_csv(predictions, class_names, trained.gives_probabilities)
    elif trained.gives_probabilities:
        _print_table(predictions, class_names, top)
    else:
        _print_classes(predictions, class_names)
    problems = [p.problem for p in predictions if p.problem is not None]
    if problems:
        raise DataError(*problems)


def _ranked(prediction: FilePrediction, class_names: Sequence[str]) -> list[tuple[str, float]]:
    assert prediction.probabilities is not None
    shares = [float(p) for p in prediction.probabilities]
    return sorted(zip(class_names, shares, strict=True), key=lambda pair: -pair[1])


def _as_dict(prediction: FilePrediction, class_names: Sequence[str], gives_probabilities: bool) -> dict[str, Any]:
    if prediction.probabilities is None:
        return {"file": str(prediction.path), "problem": prediction.problem}
    ranked = _ranked(prediction, class_names)
    name, probability = ranked[0]
    said = {"file": str(prediction.path), "predicted": name}
    return {**said, "probability": probability, "probabilities": dict(ranked)} if gives_probabilities else said


def _print_csv(predictions: Sequence[FilePrediction], class_names: Sequence[str], gives_probabilities: bool) -> None:
    header = ["file", "predicted", "probability", *(f"p_{name}" for name in class_names)]
    shown = len(header) if gives_probabilities else 2
    rows = (_csv_row(p, class_names)[:shown] for p in predictions if p.probabilities is not None)
    hand_over(as_csv(header[:shown], rows))


def _csv_row(prediction: FilePrediction, class_names: Sequence[str]) -> list[str]:
    assert prediction.probabilities is not None
    name, probability = _ranked(prediction, class_names)[0]
    shares = (format(float(p), ".9g") for p in prediction.probabilities)
    return [str(prediction.path), name, format(probability, ".9g"), *shares]


def _print_classes(predictions: Sequence[FilePrediction], class_names: Sequence[str]) -> None:
    """Print what a model without probabilities says."""
    read = [p for p in predictions if p.probabilities is not None]
    rows = [[" ".join(printable(str(p.path)).splitlines()), label(_ranked(p, class_names)[0][0])] for p in read]
    screen = console()
    table = aligned([["image", "predicted"], *rows], (), room(screen), fold=(0, 1)) if rows else ""
    screen.print(table, end="", markup=False, emoji=False, soft_wrap=True)


def _print_table(predictions: Sequence[FilePrediction], class_names: Sequence[str], top: int) -> None:
    rows = [["image", "predicted", "probability", "then"]]
    for p in predictions:
        if p.probabilities is not None:
            (name, probability), *rest = _ranked(p, class_names)[:top]
            others = ", ".join(f"{label(other)} {percent(chance)}" for other, chance in rest)
            rows.append([" ".join(printable(str(p.path)).splitlines()), label(name), percent(probability), others])
    if len(rows) > 1:
        screen = console()
        table = aligned(rows, (2,), room(screen), least=(3,), fold=(0, 1, 3))
        screen.print(table, end="", markup=False, emoji=False, soft_wrap=True)

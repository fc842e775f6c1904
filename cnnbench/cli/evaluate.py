"""`cnnbench evaluate`: a trained run on a split of its data."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.evaluate_mistakes import Asked, lines
from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Quiet, RunFolder
from cnnbench.cli.output import console, emit, room, say
from cnnbench.cli.robustness import Worse, made_worse, refuse_idle
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.evaluation.thresholds import check, parse
from cnnbench.runs.folder import SPLITS
from cnnbench.text import percent

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.types import Dataset
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.runs.run import Run


def evaluate(
    run: RunFolder,
    split: Annotated[
        str, typer.Option("--split", help="test, validation or train.", autocompletion=complete.splits)
    ] = "test",
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every image's probabilities as CSV.")
    ] = None,
    mistakes: Annotated[
        bool, typer.Option("--mistakes", help="Keep pictures of mistakes and name labels that are likely wrong.")
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Fit a temperature on the validation images; say what it changes.")
    ] = False,
    fail_under: FailUnder = None,
    corrupt: Annotated[
        bool, typer.Option("--corrupt", help="Measure corrupted test images: noise, blur, light, JPEG, shifts, turns.")
    ] = False,
    skew: Annotated[
        bool, typer.Option("--skew", help="Feed the test images as wrong preprocessing would, and say what it costs.")
    ] = False,
    accuracy: Annotated[
        float | None, typer.Option("--accuracy", metavar="SHARE", help="Say what of --skew explains it, as 0.53.")
    ] = None,
    images: Annotated[
        int | None, typer.Option("--images", min=1, help="So many test images for --corrupt and --skew.")
    ] = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a trained run again on a split.

    Of validation and training images it writes what it measured, and a page of it, into the run folder. What was
    measured on the test images stays as it is; what --mistakes and --calibrate find joins it.
    """
    from cnnbench.evaluation.evaluate import evaluate as measure
    from cnnbench.learners.choose import load
    from cnnbench.machine import runtime
    from cnnbench.runs.named import open_finished
    from cnnbench.runs.predictions import write_predictions

    if split not in SPLITS:
        raise ConfigError(f"--split {split}: unknown; allowed are {', '.join(SPLITS)}{did_you_mean(split, SPLITS)}")
    asked = Asked(mistakes, calibrate)
    asked.refuse(split)
    thresholds = parse(fail_under or [])
    wanted = runtime.checked(backend)
    worse = Worse(corrupt, skew, accuracy, images)
    others = {"--mistakes": mistakes, "--calibrate": calibrate, "--fail-under": fail_under}
    refuse_idle(worse, split, {**others, "--predictions": predictions})
    if corrupt or skew:
        made_worse(run, worse, _dataset, offline, wanted, json, quiet)
        return
    with Waiting(quiet) as show:
        show("looking for the run")
        opened = open_finished(run)
        config = opened.load_config()
        show(f"reading {config.data.source}")
        dataset = _dataset(opened, config, split, offline)
        trained = load(opened.folder.model, wanted, show)
        asked.refuse_unsuited(opened, trained, dataset)
        show(f"measuring {len(getattr(dataset, split))} images")
        began = time.perf_counter()
        said = trained.predict_split(getattr(dataset, split))
        found = measure(said, dataset, split, config.evaluation, trained.gives_probabilities)
        if split != "test":
            _write(opened, dataset, found, time.perf_counter() - began)
        looked = asked.look(opened, trained, dataset, found, show)
        page = _drawn(opened, split, show) if split != "test" or looked.written else None
    notes = [*dataset.changes, *looked.notes]
    console(json=True, quiet=quiet).print(
        *(f"note: {note}\n" for note in notes), sep="", end="", markup=False, emoji=False, soft_wrap=True
    )
    if json:
        emit({"run": str(opened.path), "notes": notes, **found.metrics, **looked.found, "report": page and str(page)})
    else:
        screen = console()
        text = _line(found) if quiet else _report(opened, config.data.source, found, room(screen))
        text += lines(looked, split, quiet)
        screen.print(text, end="", markup=False, emoji=False, soft_wrap=True)
        if page is not None and not quiet:
            say(f"\n{page}\n")
    if predictions is not None:
        write_predictions(predictions, found, opened.class_names)
    check(thresholds, found.metrics)


def _dataset(run: Run, config: Config, split: str, offline: bool) -> Dataset:
    """Return the images that the run was trained and tested with, read before the model is loaded.

    Raises ConfigError where it has no such split.
    """
    from cnnbench.data.load import load_dataset
    from cnnbench.data.record import NO_RECORD
    from cnnbench.runs.split import recorded

    record = recorded(run.path)
    dataset = load_dataset(config, record=record, offline=offline)
    if record is None:
        dataset = replace(dataset, changes=[NO_RECORD])
    if split == "validation" and dataset.validation is None:
        raise ConfigError(f"--split validation: {run.path} was trained without one (data.validation: 0)")
    return dataset


def _write(run: Run, dataset: Dataset, found: Evaluated, seconds: float) -> None:
    """Write down what was measured beside what the run measured itself."""
    from cnnbench.experiment.measured import write_measured

    weights, seed = str((run.metrics or {}).get("weights", "")), int(run.config.get("seed", 0))
    write_measured(run.folder, found, dataset, seed, weights, {f"{found.split_name}_seconds": seconds})


def _drawn(run: Run, split: str, show: Callable[[str], None]) -> Path:
    """Draw the pages of the run and return the path of that of a split."""
    from cnnbench.report.write import write_report

    show("drawing the page")
    write_report(run.folder)
    return run.folder.measured_on(split).report


def _line(found: Evaluated) -> str:
    return f"{found.split_name} accuracy {percent(found.metrics['accuracy'])} of {len(found.split)} images\n"


def _report(run: Run, source: str, found: Evaluated, room: int | None) -> str:
    from cnnbench.report.tables import classification_report
    from cnnbench.runs.predictions import Predictions

    predictions = Predictions(
        class_names=run.class_names,
        labels=found.labels,
        predicted=found.predicted,
        probabilities=found.probabilities,
    )
    measured_on = f"{found.split_name} split of {source}, {len(found.split)} images ({run.path})"
    return classification_report(predictions, measured_on, room)

"""`cnnbench evaluate`: a trained run on a split of its data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Quiet, RunFolder

if TYPE_CHECKING:
    from cnnbench.data.types import Dataset
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.evaluation.trained import Finished, Trained

SPLITS = ("test", "validation", "train")


def evaluate(
    run: RunFolder,
    split: Annotated[
        str, typer.Option("--split", help="test, validation or train.", autocompletion=complete.splits)
    ] = "test",
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every image's probabilities as CSV.")
    ] = None,
    fail_under: FailUnder = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a trained run again on a split; the run folder stays as it is."""
    from cnnbench.cli.output import console, emit, room
    from cnnbench.cli.waiting import Waiting
    from cnnbench.errors import ConfigError, did_you_mean
    from cnnbench.evaluation.evaluate import evaluate as measure
    from cnnbench.evaluation.evaluate import prediction_rows
    from cnnbench.evaluation.thresholds import check, parse
    from cnnbench.evaluation.trained import find_finished
    from cnnbench.files.whole import write_csv
    from cnnbench.machine import runtime

    if split not in SPLITS:
        raise ConfigError(f"--split {split}: unknown; allowed are {', '.join(SPLITS)}{did_you_mean(split, SPLITS)}")
    thresholds = parse(fail_under or [])
    wanted = runtime.checked(backend)
    with Waiting(quiet) as show:
        show("looking for the run")
        finished = find_finished(run)
        show(f"reading {finished.config.data.source}")
        dataset = _dataset(finished, split, offline)
        show("starting Keras")
        runtime.start(wanted)
        show("loading the model")
        trained = finished.load()
        show(f"measuring {len(getattr(dataset, split))} images")
        found = measure(trained.model, dataset, split, trained.config.evaluation)
    console(json=True, quiet=quiet).print(
        *(f"note: {note}\n" for note in dataset.changes), sep="", end="", markup=False, emoji=False, soft_wrap=True
    )
    if json:
        emit({"run": str(trained.run.path), "notes": list(dataset.changes), **found.metrics})
    else:
        screen = console()
        text = _line(found) if quiet else _report(trained, found, room(screen))
        screen.print(text, end="", markup=False, emoji=False, soft_wrap=True)
    if predictions is not None:
        write_csv(predictions, *prediction_rows(found, list(trained.class_names)))
    check(thresholds, found.metrics)


def _dataset(finished: Finished, split: str, offline: bool) -> Dataset:
    """Return the images that the run was trained and tested with, read before Keras is started.

    Raises ConfigError where it has no such split.
    """
    from cnnbench.data.load import load_dataset
    from cnnbench.data.record import NO_RECORD, read_record
    from cnnbench.errors import ConfigError

    record = read_record(finished.run)
    dataset = load_dataset(finished.config, record=record, offline=offline)
    if record is None:
        dataset = replace(dataset, changes=[NO_RECORD])
    if split == "validation" and dataset.validation is None:
        raise ConfigError(f"--split validation: {finished.run.path} was trained without one (data.validation: 0)")
    return dataset


def _line(found: Evaluated) -> str:
    from cnnbench.text import share

    return f"{found.split_name} accuracy {share(found.metrics['accuracy'])} of {len(found.split)} images\n"


def _report(trained: Trained, found: Evaluated, room: int | None) -> str:
    from cnnbench.evaluation.metrics import predict
    from cnnbench.report.tables import classification_report
    from cnnbench.runs.results import Predictions

    predictions = Predictions(
        class_names=trained.class_names,
        file_names=found.split.names,
        labels=found.labels,
        predicted=predict(found.probabilities),
        probabilities=found.probabilities,
    )
    source, images = trained.config.data.source, len(found.split)
    return classification_report(
        predictions, f"{found.split_name} split of {source}, {images} images ({trained.run.path})", room
    )

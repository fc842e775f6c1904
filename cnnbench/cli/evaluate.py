"""`cnnbench evaluate`: a trained run on a split of its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Quiet, RunFolder

if TYPE_CHECKING:
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.evaluation.trained import Trained

SPLITS = ("test", "validation", "train")


def evaluate(
    run: RunFolder,
    split: Annotated[str, typer.Option("--split", help="test, validation or train.")] = "test",
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
    from cnnbench import runtime
    from cnnbench.cli.output import console, emit
    from cnnbench.errors import ConfigError, did_you_mean
    from cnnbench.evaluation.evaluate import prediction_rows
    from cnnbench.evaluation.trained import open_trained
    from cnnbench.rundir import write_csv
    from cnnbench.thresholds import check, parse

    if split not in SPLITS:
        raise ConfigError(f"--split {split}: unknown; allowed are {', '.join(SPLITS)}{did_you_mean(split, SPLITS)}")
    thresholds = parse(fail_under or [])
    runtime.start(runtime.checked(backend))
    trained = open_trained(run)
    found = _measure(trained, split, offline)
    if json:
        emit({"run": str(trained.run.path), **found.metrics})
    else:
        text = _line(found) if quiet else _report(trained, found)
        console().print(text, end="", markup=False, emoji=False, soft_wrap=True)
    if predictions is not None:
        write_csv(predictions, *prediction_rows(found, list(trained.class_names)))
    check(thresholds, found.metrics)


def _measure(trained: Trained, split: str, offline: bool) -> Evaluated:
    from cnnbench.data.load import load_dataset
    from cnnbench.errors import ConfigError
    from cnnbench.evaluation.evaluate import evaluate

    dataset = load_dataset(trained.config, offline=offline)
    if split == "validation" and dataset.validation is None:
        raise ConfigError(f"--split validation: {trained.run.path} was trained without one (data.validation: 0)")
    return evaluate(trained.model, dataset, split, trained.config.evaluation)


def _line(found: Evaluated) -> str:
    from cnnbench.report.text import cut

    return f"{found.split_name} accuracy {cut(found.metrics['accuracy'])} of {len(found.split)} images\n"


def _report(trained: Trained, found: Evaluated) -> str:
    from cnnbench.evaluation.metrics import predict
    from cnnbench.report.results import Predictions
    from cnnbench.report.tables import classification_report

    predictions = Predictions(
        class_names=trained.class_names,
        file_names=found.split.names,
        labels=found.labels,
        predicted=predict(found.probabilities),
        probabilities=found.probabilities,
    )
    source, images = trained.config.data.source, len(found.split)
    return classification_report(
        predictions, f"{found.split_name} split of {source}, {images} images ({trained.run.path})"
    )

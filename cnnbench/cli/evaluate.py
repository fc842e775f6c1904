"""`cnnbench evaluate`: a trained run on a split of its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnbench.cli.options import Backend, Json, Offline, Quiet


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder, or a folder of runs: its newest.")],
    split: Annotated[str, typer.Option("--split", help="test, validation or train.")] = "test",
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every image's probabilities as CSV.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="METRIC=VALUE", help="Exit with 5 where a metric is lower."),
    ] = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a trained run again on a split; the run folder stays as it is."""
    from cnnbench import runtime
    from cnnbench.cli.output import console, emit
    from cnnbench.data.load import load_dataset
    from cnnbench.errors import ConfigError, did_you_mean
    from cnnbench.evaluation.evaluate import evaluate, prediction_rows
    from cnnbench.evaluation.metrics import predict
    from cnnbench.evaluation.trained import open_trained
    from cnnbench.rundir import write_csv
    from cnnbench.thresholds import check, parse

    splits = ("test", "validation", "train")
    if split not in splits:
        raise ConfigError(f"--split {split}: unknown; allowed are {', '.join(splits)}{did_you_mean(split, splits)}")
    thresholds = parse(fail_under or [])
    runtime.start(runtime.checked(backend))
    trained = open_trained(run)
    dataset = load_dataset(trained.config, offline=offline)
    if split == "validation" and dataset.validation is None:
        raise ConfigError(f"--split validation: {trained.run.path} was trained without one (data.validation: 0)")
    found = evaluate(trained.model, dataset, split, trained.config.evaluation)
    if predictions is not None:
        write_csv(predictions, *prediction_rows(found, list(dataset.class_names)))
    if json:
        emit({"run": str(trained.run.path), **found.metrics})
    else:
        from cnnbench.report.results import Predictions
        from cnnbench.report.tables import classification_report

        predicted = Predictions(
            class_names=dataset.class_names,
            file_names=found.split.names,
            labels=found.labels,
            predicted=predict(found.probabilities),
            probabilities=found.probabilities,
        )
        measured_on = f"{split} split of {dataset.source}, {len(found.split)} images ({trained.run.path})"
        console(quiet=quiet).print(classification_report(predicted, measured_on), markup=False)
    check(thresholds, found.metrics)

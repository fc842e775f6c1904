"""`cnnbench evaluate`: a trained run on a split of its data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.evaluate_mistakes import Asked, Looked, lines
from cnnbench.cli.found import Found, not_written, tell
from cnnbench.cli.options import Backend, FailUnder, Json, Offline, Quiet, RunFolder
from cnnbench.cli.output import console, room
from cnnbench.cli.robustness import Worse, made_worse, refuse_idle
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, OutputError, did_you_mean
from cnnbench.evaluation.thresholds import check, parse
from cnnbench.runs.folder import SPLITS
from cnnbench.text import percent

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.types import Dataset
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.machine.runtime import Backend as _Backend
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
    flips: Annotated[
        bool, typer.Option("--flips", help="Also average each image with its mirror image; stated apart.")
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
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what --corrupt and --skew found of more images before.")
    ] = False,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a trained run again on a split.

    Of validation and training images it writes what it measured, and a page of it, into the run folder. What was
    measured on the test images stays as it is; what --mistakes and --calibrate find joins it.
    """
    from cnnbench.machine import runtime
    from cnnbench.runs.predictions import write_predictions

    if split not in SPLITS:
        raise ConfigError(f"--split {split}: unknown; allowed are {', '.join(SPLITS)}{did_you_mean(split, SPLITS)}")
    asked, worse = Asked(mistakes, calibrate), Worse(corrupt, skew, accuracy, images, overwrite)
    asked.refuse(split)
    thresholds, wanted = parse(fail_under or []), runtime.checked(backend)
    others = {"--mistakes": mistakes, "--calibrate": calibrate, "--fail-under": fail_under, "--flips": flips}
    refuse_idle(worse, split, {**others, "--predictions": predictions})
    if corrupt or skew:
        made_worse(run, worse, _dataset, offline, wanted, json, quiet)
        return
    with Waiting(quiet) as show:
        done = _measured(run, split, asked, flips, offline, wanted, show)
    tell(done.told(quiet), done.draw, json, quiet, shown="" if quiet else "\n{page}\n")
    if predictions is not None:
        write_predictions(predictions, done.found, done.run.class_names)
    check(thresholds, done.found.metrics)


@dataclass(frozen=True)
class Measured:
    """A run on the images of a split, what was looked into besides, and what the run folder did not take of it."""

    run: Run
    dataset: Dataset
    found: Evaluated
    looked: Looked
    unwritten: Sequence[str]

    def told(self, quiet: bool) -> Found:
        """Return what is said of it; of each a line where it is to be quiet."""

        def text() -> str:
            said = _line(self.found) if quiet else _report(self.run, self.found, room(console()))
            return said + lines(self.looked, self.found.split_name, quiet)

        document = {**self.found.metrics, **self.looked.found}
        return Found(self.run.path, document, text, self.dataset.changes, [*self.unwritten, *self.looked.notes])

    @property
    def draw(self) -> Callable[[], Path] | None:
        """What draws the pages of the run and returns that of the split; None where there is nothing new on them."""
        written = self.looked.written or (self.found.split_name != "test" and not self.unwritten)
        return partial(_drawn, self.run, self.found.split_name) if written else None


def _measured(
    folder: Path,
    split: str,
    asked: Asked,
    flips: bool,
    offline: bool,
    backend: _Backend | None,
    show: Callable[[str], None],
) -> Measured:
    """Measure a split again and write what there is to be written of it; what was measured on test images stays."""
    from cnnbench.evaluation.evaluate import evaluate as measure
    from cnnbench.evaluation.flips import with_flips
    from cnnbench.learners.choose import load
    from cnnbench.runs.named import open_finished

    show("looking for the run")
    run = open_finished(folder)
    config = run.load_config()
    show(f"reading {config.data.source}")
    dataset = _dataset(run, config, split, offline)
    trained = load(run.folder.model, backend, show)
    asked.refuse_unsuited(run, trained, dataset)
    show(f"measuring {len(getattr(dataset, split))} images")
    began = time.perf_counter()
    said = trained.predict_split(getattr(dataset, split))
    found = measure(said, dataset, split, config.evaluation, trained.gives_probabilities)
    if flips or config.evaluation.test_time_augmentation is not None:
        found = with_flips(found, trained.predict_split)
    unwritten = [] if split == "test" else _write(run, dataset, found, time.perf_counter() - began)
    return Measured(run, dataset, found, asked.look(run, trained, dataset, found, show), unwritten)


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


def _write(run: Run, dataset: Dataset, found: Evaluated, seconds: float) -> list[str]:
    """Write down what was measured beside what the run measured itself; return what could not be written."""
    from cnnbench.experiment.measured import write_measured

    weights, seed = str((run.metrics or {}).get("weights", "")), int(run.config.get("seed", 0))
    try:
        write_measured(run.folder, found, dataset, seed, weights, {f"{found.split_name}_seconds": seconds})
    except OutputError as e:
        return [not_written(e)]
    return []


def _drawn(run: Run, split: str) -> Path:
    from cnnbench.report.write import write_report

    write_report(run.folder)
    return run.folder.measured_on(split).report


def _line(found: Evaluated) -> str:
    accuracy = f"{found.split_name} accuracy {percent(found.metrics['accuracy'])}"
    return f"{accuracy} of {len(found.split)} images\n{_flips(found)}"


def _flips(found: Evaluated) -> str:
    """Return the line of what test-time flips give, which stands apart, empty where none were asked for."""
    flipped = found.metrics.get("test_time_flips")
    return f"with test-time flips {percent(flipped['accuracy'])}\n" if flipped else ""


def _report(run: Run, found: Evaluated, room: int | None) -> str:
    from cnnbench.report.tables import classification_report
    from cnnbench.runs.predictions import Predictions

    predictions = Predictions(
        class_names=run.class_names,
        labels=found.labels,
        predicted=found.predicted,
        probabilities=found.probabilities,
    )
    source = run.load_config().data.source
    measured_on = f"{found.split_name} split of {source}, {len(found.split)} images ({run.path})"
    flips = _flips(found)
    return classification_report(predictions, measured_on, room) + (f"\n{flips}" if flips else "")

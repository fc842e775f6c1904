"""The story of an export: the network is opened, written as a file, asked again in its own runtime, and told of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import ConfigError, DataError, OutputError, ReportError, ThresholdError, first_line
from cnnbench.evaluation.metrics import random_sample
from cnnbench.export.card import Told, card
from cnnbench.export.check import compare
from cnnbench.export.formats import PROBABILITY, SIXTEEN_BITS, Format, format_of, names, refuse_misnamed
from cnnbench.export.found import bytes_of, found_of, pictures
from cnnbench.export.network import Ask, Exportable, exportable
from cnnbench.export.refusing import written
from cnnbench.files.whole import unwritable, whole_file, write_text
from cnnbench.learners.choose import load
from cnnbench.learners.learner import Trained
from cnnbench.machine import runtime
from cnnbench.report.exports import rows_of, sentence
from cnnbench.report.write import write_report
from cnnbench.runs.exports import write_export
from cnnbench.runs.run import Run
from cnnbench.runs.split import recorded
from cnnbench.seeds import Stream, generator
from cnnbench.text import count, label

CALIBRATION = 500  # training images that show a quantised network how far its values reach


@dataclass(frozen=True)
class Asked:
    """What an export is to do: check the file on `images` test images, all where that is None, or not at all."""

    check: bool = True
    images: int | None = None
    tolerance: float | None = None
    calibration: int = CALIBRATION
    offline: bool = False


@dataclass(frozen=True)
class Export:
    """What was written: the file, and beside it the names of the classes and the card; what the check found, and where.

    `unwritten` says why the run folder does not tell of it.
    """

    path: Path
    labels: Path
    card: Path
    row: Format
    bytes: int
    notes: tuple[str, ...]
    found: Mapping[str, Any] | None = None
    page: Path | None = None
    unwritten: str | None = None

    def refuse_too_far(self) -> None:
        """Raise ThresholdError where the file is further from the run than is tolerated."""
        if self.found is not None and not self.found["passed"]:
            raise ThresholdError(f"{self.path}: {sentence(self.found)} The file is kept")


def export(
    run: Run, format: str, out: Path, asked: Asked | None = None, show: Callable[[str], None] = lambda _: None
) -> Export:
    """Write a finished run as a file of a format, check that it says the same, and tell of it beside it and in the run.

    Raises ConfigError where the format cannot say the network, with the layer's name; DataError where images or model
    cannot be read; OutputError where the file cannot be written. A file that says something else is kept; see
    `Export.refuse_too_far`.
    """
    asked = asked or Asked()
    row, config = format_of(format), run.load_config()
    refuse_misnamed(row, out)
    _refuse_unsuited(row, config)
    dataset = _dataset(run, config, asked) if asked.check or row.quantized else None
    show("loading the model")
    trained = _trained(run, config, row, show)
    source = _source(run, trained, config, dataset, asked)
    show(f"writing {out.name}")
    with _whole(row, out) as part:
        ask = written(row, source, part)
    done = Export(
        out, _beside(out, "labels.txt"), _beside(out, "md"), row, bytes_of(out), _notes(row, source, dataset, asked)
    )
    write_text(done.labels, "".join(f"{label(name, limit=len(name) + 1)}\n" for name in run.class_names))
    if asked.check and dataset is not None:
        show("asking the file about the test images")
        done = _checked(done, run, ask, trained, dataset, asked)
    told = None if done.found is None else {"sentence": sentence(done.found), "rows": rows_of(done.found)}
    write_text(done.card, card(run, Told(row, out, done.bytes, done.notes, told)))
    return done


def _refuse_unsuited(row: Format, config: Config) -> None:
    """Raise ConfigError for an estimator in a network's format, and for a network in an estimator's."""
    estimator = config.model.estimator is not None
    if row.of_estimators == estimator:
        return
    allowed = ", ".join(names(estimator))
    [name] = config.model.estimator if isinstance(config.model.estimator, Mapping) else [config.model.estimator]
    what = f"{name} is an estimator of scikit-learn" if estimator else "the run is a network"
    raise ConfigError(f"--format {row.name}: {what}; allowed here: {allowed}")


def _dataset(run: Run, config: Config, asked: Asked) -> Dataset:
    return load_dataset(config, record=recorded(run.path), offline=asked.offline)


def _trained(run: Run, config: Config, row: Format, show: Callable[[str], None]) -> Trained:
    """Load the model, with Keras on the backend that the format is written with."""
    if row.of_estimators:
        return load(run.folder.model)
    runtime.start(row.backend)
    return load(run.folder.model, show=show)


def _source(run: Run, trained: Trained, config: Config, dataset: Dataset | None, asked: Asked) -> Exportable:
    source = exportable(trained, config, run.class_names, run.folder.model)
    if dataset is None:
        return source
    return replace(source, calibration=partial(_calibration, dataset.train, asked.calibration, config.seed))


def _calibration(train: Split, most: int, seed: int) -> NDArray[np.float32]:
    """Return training images drawn by the run's seed."""
    drawn = generator(Stream.CALIBRATION, seed).choice(len(train), size=min(most, len(train)), replace=False)
    return train.images(np.sort(drawn)).astype(np.float32)


def _notes(row: Format, source: Exportable, dataset: Dataset | None, asked: Asked) -> tuple[str, ...]:
    found = row.writer.notes(source) if hasattr(row.writer, "notes") else []
    if row.quantized and dataset is not None:
        images = count(min(asked.calibration, len(dataset.train)))
        found = [*found, f"quantised by {images} training images, drawn by the run's seed"]
    if _sixteen_bits(source.config):
        found = [*found, f"trained in {source.config.train.precision}, exported in float32"]
    return tuple(found)


def _sixteen_bits(config: Config) -> bool:
    return config.model.estimator is None and config.train.precision not in ("float32", "auto")


def _tolerance(row: Format, config: Config, asked: Asked) -> float:
    if asked.tolerance is not None:
        return asked.tolerance
    return max(row.tolerance, SIXTEEN_BITS) if _sixteen_bits(config) and row.measure == PROBABILITY else row.tolerance


def _checked(done: Export, run: Run, ask: Ask, trained: Trained, dataset: Dataset, asked: Asked) -> Export:
    test, config = dataset.test, run.load_config()
    split = test if asked.images is None else test.pick(random_sample(len(test), asked.images, config.seed))
    parity = compare(ask, trained, split)
    found = found_of(done.row, done.path, parity, _tolerance(done.row, config, asked), len(test), run.class_names)
    found |= {"notes": list(done.notes)}
    try:
        write_export(run.folder, found, pictures(parity))
        page = write_report(run.folder)[-1]
    except (OutputError, ConfigError, DataError, ReportError) as e:
        return replace(done, found=found, unwritten=first_line(e))
    return replace(done, found=found, page=page)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


@contextmanager
def _whole(row: Format, out: Path) -> Iterator[Path]:
    """Yield a place to write to that becomes the file, or the folder of a SavedModel, once it is whole."""
    if row.suffix:
        with whole_file(out) as part:
            yield part
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=out.parent) as place:
            part = Path(place) / "new"
            yield part
            if out.exists():
                out.rename(Path(place) / "old")
            part.rename(out)
    except OSError as e:
        raise unwritable(out, e) from e

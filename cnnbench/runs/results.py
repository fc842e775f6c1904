"""What a run folder holds, read back for drawing; parts that are not there yet are empty or None."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from cnnbench.errors import DataError, first_line
from cnnbench.evaluation import metrics
from cnnbench.files.checked import checked, read_bytes
from cnnbench.files.csv_text import text_of
from cnnbench.files.npz import read_arrays
from cnnbench.runs.folder import RunDir
from cnnbench.runs.written import CONFIG

FIRST_PROBABILITY = 4  # columns of predictions.csv before it: index, name, true, predicted


@dataclass(frozen=True)
class Predictions:
    """The test split as `predictions.csv` tells it: (n,) class indices and (n, k) probabilities."""

    class_names: Sequence[str]
    file_names: Sequence[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    def confusion_matrix(self) -> NDArray[np.int64]:
        """Return (k, k) counts; rows are true classes, columns predicted ones."""
        return metrics.confusion_matrix(self.labels, self.predicted, len(self.class_names))


@dataclass(frozen=True)
class Samples:
    """Test images to show: (m, H, W, C) uint8, their (m,) rows in the predictions, and (m,) kinds."""

    images: NDArray[np.uint8]
    rows: NDArray[np.int64]
    kinds: NDArray[np.str_]

    def of_kind(self, kind: str) -> list[tuple[int, NDArray[np.uint8]]]:
        """Return (row, image) of the samples of one kind, "random" or "mistake"."""
        wanted = np.flatnonzero(self.kinds == kind)
        return [(int(self.rows[i]), self.images[i]) for i in wanted]


@dataclass(frozen=True)
class Augmentation:
    """Training images before, (a, H, W, C) uint8, and after augmentation, (a, v, H, W, C) uint8."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


@dataclass(frozen=True)
class Results:
    """Everything a report is drawn from."""

    run: RunDir
    config: Mapping[str, Any]
    config_text: str
    status: Mapping[str, Any]
    environment: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    rates: Sequence[tuple[float, float]]
    metrics: Mapping[str, Any] | None
    layers: Mapping[str, Any] | None
    split: Mapping[str, Any]
    predictions: Predictions | None
    samples: Samples | None
    augmentation: Augmentation | None


def read_results(run: RunDir) -> Results:
    """Read a run folder; raises DataError naming the file that cannot be read."""
    config_text = _text(run.config)
    predictions, history = read_predictions(run.predictions), run.read_history()
    return Results(
        run=run,
        config=_config(run.config, config_text),
        config_text=config_text,
        status=run.read_status() if run.status.exists() else {},
        environment=run.read_environment(),
        history=history,
        rates=[(row["epoch"], row["learning_rate"]) for row in run.read_rates() if row["epoch"] <= len(history)],
        metrics=run.read_all_metrics(),
        layers=run.read_layers() if run.layers.exists() else None,
        split=run.read_split(),
        predictions=predictions,
        samples=_samples(run.samples, predictions),
        augmentation=_augmentation(run.augmentation),
    )


def read_predictions(path: Path) -> Predictions | None:
    """Read `predictions.csv`, or return None where there is none; raises DataError for a malformed one."""
    if not path.exists():
        return None
    try:
        header, *rows = list(csv.reader(io.StringIO(_text(path), newline=""))) or [[]]
        class_names = [column.removeprefix("p_") for column in header[FIRST_PROBABILITY:]]
        number = {name: i for i, name in enumerate(class_names)}
        found = Predictions(
            class_names=class_names,
            file_names=[text_of(row[1]) for row in rows],
            labels=np.array([number[text_of(row[2])] for row in rows], dtype=np.int64),
            predicted=np.array([number[text_of(row[3])] for row in rows], dtype=np.int64),
            probabilities=np.array([row[FIRST_PROBABILITY:] for row in rows], dtype=np.float64),
        )
    except (KeyError, IndexError, ValueError, csv.Error) as e:
        raise DataError(f"{path}: not a table of predictions ({first_line(e)})") from None
    if not rows:
        raise DataError(f"{path}: holds no predictions")
    if found.probabilities.shape != (len(rows), len(number)) or not np.isfinite(found.probabilities).all():
        raise DataError(f"{path}: not a table of predictions (a probability is no number, or a class is there twice)")
    return found


def _samples(path: Path, predictions: Predictions | None) -> Samples | None:
    arrays = _arrays(path, "images", "rows", "kind")
    if arrays is None or predictions is None:
        return None
    images, rows, kinds = arrays
    ok = (
        _are_pictures(images, 4)
        and rows.dtype.kind in "iu"
        and kinds.dtype.kind == "U"
        and rows.ndim == kinds.ndim == 1
    )
    ok = ok and len(images) == len(rows) == len(kinds)
    if not ok or (len(rows) and not 0 <= rows.min() <= rows.max() < len(predictions.labels)):
        raise DataError(f"{path}: does not fit predictions.csv beside it")
    return Samples(images, rows, kinds)


def _augmentation(path: Path) -> Augmentation | None:
    arrays = _arrays(path, "before", "after")
    if arrays is None:
        return None
    before, after = arrays
    if not (_are_pictures(before, 4) and _are_pictures(after, 5) and len(before) == len(after)):
        raise DataError(f"{path}: does not hold images before and after augmentation")
    return Augmentation(before, after)


def _are_pictures(images: NDArray[Any], dimensions: int) -> bool:
    return images.ndim == dimensions and images.dtype == np.uint8 and images.shape[-1] in (1, 3) and images.size > 0


def _arrays(path: Path, *names: str) -> list[NDArray[Any]] | None:
    return list(read_arrays(path, names).values()) if path.exists() else None


def _text(path: Path) -> str:
    """Return what a text file holds, line ends as they are, or "" where there is none; raises DataError."""
    try:
        return read_bytes(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except ValueError as e:
        raise DataError(f"{path}: cannot be read ({first_line(e)})") from None


def _config(path: Path, text: str) -> Mapping[str, Any]:
    try:
        value = yaml.safe_load(text) or {}
    except (ValueError, RecursionError, yaml.YAMLError) as e:
        raise DataError(f"{path}: cannot be read ({' '.join(str(e).split())})") from None
    return checked(path, value, CONFIG)

"""What a run folder holds, read back for drawing; parts that are not there yet are empty or None."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import yaml
from numpy.typing import NDArray

from cnnbench.errors import ConfigError, first_line
from cnnbench.evaluation import metrics
from cnnbench.rundir import RunDir

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
    """Read a run folder; raises ConfigError naming the file that cannot be read."""
    config_text = _text(run.config)
    predictions, history = read_predictions(run.predictions), run.read_history()
    return Results(
        run=run,
        config=_mapping(yaml.safe_load, config_text, run.config),
        config_text=config_text,
        status=_json(run.status),
        environment=_json(run.environment),
        history=history,
        rates=[(row["epoch"], row["learning_rate"]) for row in run.read_rates() if row["epoch"] <= len(history)],
        metrics=run.read_metrics(),
        layers=_json(run.layers) or None,
        split=_json(run.split),
        predictions=predictions,
        samples=_samples(run.samples, predictions),
        augmentation=_augmentation(run.augmentation),
    )


def read_predictions(path: Path) -> Predictions | None:
    """Read `predictions.csv`, or return None where there is none; raises ConfigError for a malformed one."""
    if not path.exists():
        return None
    header, *rows = list(csv.reader(io.StringIO(_text(path), newline=""))) or [[]]
    if not rows:
        raise ConfigError(f"{path}: holds no predictions")
    class_names = [column.removeprefix("p_") for column in header[FIRST_PROBABILITY:]]
    number = {name: i for i, name in enumerate(class_names)}
    try:
        return Predictions(
            class_names=class_names,
            file_names=[row[1] for row in rows],
            labels=np.array([number[row[2]] for row in rows], dtype=np.int64),
            predicted=np.array([number[row[3]] for row in rows], dtype=np.int64),
            probabilities=np.array([row[FIRST_PROBABILITY:] for row in rows], dtype=np.float64),
        )
    except (KeyError, IndexError, ValueError) as e:
        raise ConfigError(f"{path}: not a table of predictions ({e})") from None


def _samples(path: Path, predictions: Predictions | None) -> Samples | None:
    arrays = _arrays(path, "images", "rows", "kind")
    if arrays is None or predictions is None:
        return None
    images, rows, kinds = arrays
    if not len(images) == len(rows) == len(kinds) or (len(rows) and rows.max() >= len(predictions.labels)):
        raise ConfigError(f"{path}: does not fit predictions.csv beside it")
    return Samples(images, rows, kinds)


def _augmentation(path: Path) -> Augmentation | None:
    arrays = _arrays(path, "before", "after")
    return Augmentation(*arrays) if arrays else None


def _arrays(path: Path, *names: str) -> list[NDArray[Any]] | None:
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as e:
        raise ConfigError(f"{path}: cannot be read ({e})") from None


def _json(path: Path) -> Mapping[str, Any]:
    return _mapping(json.loads, _text(path), path) if path.exists() else {}


def _text(path: Path) -> str:
    """Return what a text file holds, line ends as they are, or "" where there is none; raises ConfigError."""
    if not path.exists():
        return ""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, ValueError) as e:
        raise ConfigError(f"{path}: cannot be read ({first_line(e)})") from None


def _mapping(parse: Any, text: str, path: Path) -> Mapping[str, Any]:
    try:
        value = parse(text) or {}
    except (ValueError, yaml.YAMLError) as e:
        raise ConfigError(f"{path}: cannot be read ({' '.join(str(e).split())})") from None
    if not isinstance(value, Mapping):
        raise ConfigError(f"{path}: holds {type(value).__name__}, not a mapping")
    return value

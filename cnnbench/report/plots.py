"""Which plots a run has: each name of `plots/<name>.png` with what draws it from the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.evaluation.metrics import reliability
from cnnbench.report import curves, matrices, pictures, scores
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 12  # images of each kind
BARS = 4  # most probable classes beside an image
DEFAULT_BINS = 15
SPLITS = ("train", "validation", "test")


def draw(results: Run) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of every plot the results are enough for."""
    for name, plot in PLOTS.items():
        figure = plot(results)
        if figure is not None:
            yield name, figure


def samples(results: Run, kind: str) -> list[pictures.Sample]:
    """Return the first stored samples of a kind, "random" or "mistake", with their most probable classes."""
    if results.samples is None or results.predictions is None:
        return []
    stored = results.samples.of_kind(kind)[:SHOWN]
    return [_sample(results.predictions, row, image) for row, image in stored]


def class_counts(results: Run) -> dict[str, Mapping[str, int]]:
    """Return split -> class -> number of images where `split.json` tells it."""
    parts = {name: results.split.get(name) for name in SPLITS}
    return {name: part["per_class"] for name, part in parts.items() if part}


def _sample(predictions: Predictions, row: int, image: NDArray[np.uint8]) -> pictures.Sample:
    names, chances = predictions.class_names, predictions.probabilities[row]
    true, predicted = int(predictions.labels[row]), int(predictions.predicted[row])
    best = np.argsort(-chances, kind="stable")[:BARS].tolist()
    if true not in best:
        best[-1] = true
    return pictures.Sample(
        image=image,
        file_name=predictions.file_names[row],
        true=names[true],
        predicted=names[predicted],
        chances=[(names[i], float(chances[i])) for i in best],
    )


def _learning_curves(results: Run) -> Figure | None:
    if not results.history:
        return None
    train, validation = (sum(class_counts(results).get(name, {}).values()) for name in ("train", "validation"))
    images = (train, validation) if train and validation else None
    return curves.learning_curves(results.history, results.status.get("kept_epoch"), images, results.rates)


def _class_distribution(results: Run) -> Figure | None:
    counts = class_counts(results)
    most = max(map(len, counts.values()), default=0)
    return scores.class_distribution(counts) if 0 < most <= scores.MOST_ROWS else None


def _confusion_matrix(results: Run) -> Figure | None:
    found = results.predictions
    return matrices.confusion_matrix(found.confusion_matrix(), found.class_names) if found else None


def _confusion_matrix_normalized(results: Run) -> Figure | None:
    found = results.predictions
    return matrices.confusion_matrix_normalized(found.confusion_matrix(), found.class_names) if found else None


def _per_class(results: Run) -> Figure | None:
    return scores.per_class(results.metrics["per_class"]) if results.metrics else None


def _calibration(results: Run) -> Figure | None:
    found = results.predictions
    if found is None or results.metrics is None:
        return None
    bins = results.config.get("evaluation", {}).get("calibration_bins", DEFAULT_BINS)
    sorted_in = reliability(found.labels, found.probabilities, bins)
    return scores.calibration(sorted_in, results.metrics["calibration_error"])


def _random_samples(results: Run) -> Figure | None:
    shown = samples(results, "random")
    return pictures.samples(shown, "Random test images") if shown else None


def _mistakes(results: Run) -> Figure | None:
    shown = samples(results, "mistake")
    return pictures.samples(shown, "Most confident mistakes") if shown else None


def _augmentation(results: Run) -> Figure | None:
    found = results.augmentation
    return pictures.augmentation_preview(found.before, found.after) if found else None


PLOTS: dict[str, Callable[[Run], Figure | None]] = {
    "learning_curves": _learning_curves,
    "class_distribution": _class_distribution,
    "confusion_matrix": _confusion_matrix,
    "confusion_matrix_normalized": _confusion_matrix_normalized,
    "per_class": _per_class,
    "calibration": _calibration,
    "samples": _random_samples,
    "mistakes": _mistakes,
    "augmentation": _augmentation,
}

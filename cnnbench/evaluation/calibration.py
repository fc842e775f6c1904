"""How far probabilities are from being true, before and after they were changed, on the same images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnbench.evaluation import metrics
from cnnbench.evaluation.metrics import Floats, Ints
from cnnbench.seeds import Stream, generator

DRAWS = 1000  # resamples of the images
LEVEL = 0.95
MEASURES = ("calibration_error", "log_loss")


def compared(labels: Ints, before: Floats, after: Floats, bins: int, seed: int) -> dict[str, Any]:
    """Return measure -> "before", "after" and "change" -> value and 95 % interval, of probabilities (n, k).

    Intervals are basic bootstrap intervals (Davison and Hinkley 1997, section 5.2.1) over `DRAWS` resamples of the
    images, the same ones for all three: calibration errors of resamples lie above that of the images, about as far as
    that of the images lies above the true one, and this interval is reflected. That of a calibration error begins at 0
    where a calibrated model of the same confidences would show as much in more than one of 40 draws of which answers
    are right (Bröcker and Smith 2007, Weather and Forecasting 22, pages 651 to 661).
    """
    rng = generator(Stream.RESAMPLES, seed)
    sides = [_Side(labels, chances, bins) for chances in (before, after)]
    drawn = np.array([[side.measured(weights) for side in sides] for weights in _resampled(rng, len(labels))])
    found = np.array([side.measured(np.ones(len(labels))) for side in sides])
    told = {name: _told(found[:, at], drawn[:, :, at]) for at, name in enumerate(MEASURES)}
    for name, side in zip(("before", "after"), sides, strict=True):
        error = told["calibration_error"][name]
        if error["value"] <= side.if_calibrated(rng):
            error["interval"][0] = 0.0
    return told


class _Side:
    """What two measures of the images need, weighted by how often a resample has each."""

    def __init__(self, labels: Ints, probabilities: Floats, bins: int) -> None:
        self.bins = bins
        self.confidence = probabilities.max(axis=1)
        self.which = metrics.bin_of(self.confidence, bins)
        self.right = metrics.predict(probabilities) == labels
        self.loss = metrics.losses(labels, probabilities)

    def measured(self, weights: Floats) -> tuple[float, float]:
        """Return calibration error and log loss of images that weigh so much, (n,)."""
        return self._error(weights * (self.right - self.confidence)), float(weights @ self.loss / len(self.loss))

    def if_calibrated(self, rng: np.random.Generator) -> float:
        """Return the error that a calibrated model stays below in 39 of 40 draws of its right answers."""
        images = len(self.confidence)
        draws = ((rng.random(images) < self.confidence) - self.confidence for _ in range(DRAWS))
        return float(np.quantile([self._error(gap) for gap in draws], (1 + LEVEL) / 2))

    def _error(self, gaps: Floats) -> float:
        """Return the calibration error: of each image whether it is right, less its confidence."""
        in_bins = np.bincount(self.which, weights=gaps, minlength=self.bins)
        return float(np.abs(in_bins).sum() / len(gaps))


def _resampled(rng: np.random.Generator, images: int) -> Iterator[Floats]:
    """Yield how often each image is in a resample, (n,)."""
    for _ in range(DRAWS):
        yield np.bincount(rng.integers(0, images, images), minlength=images).astype(np.float64)


def _told(found: Floats, drawn: Floats) -> dict[str, Any]:
    """Return one measure of both sides, (2,), and of its resamples, (draws, 2), with its change."""
    (before, after), change = found.tolist(), float(found[1] - found[0])
    return {
        "before": {"value": before, "interval": _basic(before, drawn[:, 0], least=0.0)},
        "after": {"value": after, "interval": _basic(after, drawn[:, 1], least=0.0)},
        "change": {"value": change, "interval": _basic(change, drawn[:, 1] - drawn[:, 0])},
    }


def _basic(value: float, drawn: Floats, least: float = -np.inf) -> list[float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return [max(least, 2 * value - high), max(least, 2 * value - low)]

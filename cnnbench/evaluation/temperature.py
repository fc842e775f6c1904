"""Temperature scaling: one number that divides a network's logits, so that it is as sure as it is right.

Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2. Learners give probabilities; their logarithms
are logits but for a constant in each row, which softmax does not see. What float32 holds as 0 counts as the least
normal number of float32, 1.2e-38. Arrays are as elsewhere in this room: labels (n,), probabilities (n, k).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np

from cnnbench.errors import DataError
from cnnbench.evaluation.metrics import Floats, Ints

LEAST, MOST = 0.01, 100.0  # temperatures that are looked through
DEVIATES = 1.959964  # standard errors on either side of a 95 % interval


@dataclass(frozen=True)
class Temperature:
    """The temperature with the least log loss, and its 95 % interval."""

    value: float
    interval: tuple[float, float]


def scaled(probabilities: Floats, temperature: float) -> Floats:
    """Return the probabilities at a temperature, shape (n, k): their order stays, above 1 they draw together."""
    return _softmax(_logits(probabilities) / temperature)


def fit(labels: Ints, probabilities: Floats) -> Temperature:
    """Return the temperature at which these images have the least log loss.

    The interval is that of a robust (sandwich) standard error of its logarithm (White 1982, Econometrica 50, pages 1 to
    25): it holds also where no temperature makes the probabilities true. Raises DataError where none is least.
    """
    from scipy.optimize import brentq

    logits = _logits(probabilities)

    def slope(sharpness: float) -> float:
        return float(_slopes(labels, logits, sharpness)[0].mean())

    if slope(1 / LEAST) <= 0:
        raise DataError(f"all {len(labels)} are right by far, and the log loss falls with the temperature to 0")
    if slope(1 / MOST) >= 0:
        raise DataError("they are right no more often than by chance, and the log loss falls as the temperature rises")
    sharpness = float(brentq(slope, 1 / MOST, 1 / LEAST, xtol=1e-12))
    slopes, curvature = _slopes(labels, logits, sharpness)
    error = float((slopes @ slopes) ** 0.5 / curvature.sum()) / sharpness
    ends = exp(-DEVIATES * error), exp(DEVIATES * error)
    return Temperature(1 / sharpness, (ends[0] / sharpness, ends[1] / sharpness))


def _slopes(labels: Ints, logits: Floats, sharpness: float) -> tuple[Floats, Floats]:
    """Return the first and second derivative of each image's log loss by 1 / temperature, each (n,)."""
    chances = _softmax(sharpness * logits)
    mean = (chances * logits).sum(axis=1)
    spread: Floats = (chances * (logits - mean[:, None]) ** 2).sum(axis=1)
    slopes: Floats = mean - logits[np.arange(len(labels)), labels]
    return slopes, spread


def _logits(probabilities: Floats) -> Floats:
    return np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float32).tiny))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares

"""What several runs say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnnbench.numbers import mean

METHOD = "mean over runs with Student's t interval, 95 %"
NO_SPREAD = 1e-12  # values closer than this, or than this share of them, differ by rounding alone
SHARES = ("accuracy", "precision", "recall", "f1", "top_k", "calibration_error")  # lie between 0 and 1


@dataclass(frozen=True)
class Mean:
    """Mean of `runs` values, their standard deviation (n - 1), None for a single one, and interval.

    `interval` is None for a single value and for values that all agree (`std` is 0 then): there is no spread to tell
    how far another run would be from them.
    """

    mean: float
    std: float | None
    interval: tuple[float, float] | None
    runs: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        interval = None if self.interval is None else list(self.interval)
        return {"mean": self.mean, "std": self.std, "interval": interval, "runs": self.runs}


def mean_interval(values: Sequence[float], level: float = 0.95) -> Mean:
    """Return the mean of at least one value with its t interval: mean ± t(n - 1) s / sqrt(n).

    The interval is about the mean of runs that differ by chance (seed or fold).
    """
    import numpy as np
    from scipy import stats

    n, middle = len(values), mean(values)
    if n < 2:
        return Mean(middle, None, None, n)
    if agree(values):
        return Mean(middle, 0.0, None, n)
    std = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * std / n**0.5
    return Mean(middle, std, (middle - half, middle + half), n)


def agree(values: Sequence[float]) -> bool:
    """Return whether values differ by no more than rounding."""
    return max(values) - min(values) <= NO_SPREAD * max(1.0, abs(values[0]))


def is_share(metric: str) -> bool:
    """Return whether a metric, by its name or dotted path, lies between 0 and 1."""
    return any(word in metric for word in SHARES)


def metric_interval(metric: str, values: Sequence[float]) -> Mean:
    """Return `mean_interval` of a metric; that of a share ends at 0 and 1, beyond which there is no value."""
    found = mean_interval(values)
    if found.interval is None or not is_share(metric):
        return found
    low, high = found.interval
    return replace(found, interval=(max(0.0, low), min(1.0, high)))

"""What several runs say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from cnnbench.numbers import mean

Bounds = tuple[float | None, float | None]
METHOD = "mean over runs with Student's t interval, 95 %"
NO_SPREAD = 1e-12  # values closer than this, or than this share of them, differ by rounding alone


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


def mean_interval(values: Sequence[float], within: Bounds = (None, None), level: float = 0.95) -> Mean:
    """Return the mean of at least one value with its t interval: mean ± t(n - 1) s / sqrt(n).

    The interval is about the mean of runs that differ by chance (seed or fold). It ends where there are no values any
    more, `within` the least and the largest possible one; None is no end.
    """
    return _around(values, within, level, len(values) ** 0.5)


def next_interval(values: Sequence[float], within: Bounds = (None, None), level: float = 0.95) -> Mean:
    """Return the mean of at least one value with the interval for one more run: mean ± t(n - 1) s sqrt(1 + 1 / n).

    It holds a single further run with this probability, where runs are normally distributed: what another's one run
    is to be held against.
    """
    return _around(values, within, level, (1 + 1 / len(values)) ** -0.5)


def _around(values: Sequence[float], within: Bounds, level: float, narrower: float) -> Mean:
    """Return the mean with a t interval of runs, so many times narrower."""
    n, middle = len(values), mean(values)
    if n < 2:
        return Mean(middle, None, None, n)
    if agree(values):
        return Mean(middle, 0.0, None, n)
    import numpy as np
    from scipy import stats  # half a second, which a sweep of single trainings does not need

    std = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * std / narrower
    low, high = (other if end is None else end for end, other in zip(within, (-inf, inf), strict=True))
    return Mean(middle, std, (max(low, middle - half), min(high, middle + half)), n)


def agree(values: Sequence[float]) -> bool:
    """Return whether values differ by no more than rounding."""
    return max(values) - min(values) <= NO_SPREAD * max(1.0, abs(values[0]))

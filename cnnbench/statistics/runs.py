"""Two configurations with several runs each: paired and Welch's t-test of the difference of their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnbench.numbers import mean, without_noise
from cnnbench.statistics.intervals import agree

PAIRED = "paired t-test"
WELCH = "Welch's t-test"


@dataclass(frozen=True)
class MeanDifference:
    """Mean of the first minus mean of the second, its interval, and the two-sided p-value of no difference.

    `interval` is None where the values do not vary, and so is `p` where they yet differ: there is no spread to
    measure the difference against. Values that are all the same show no difference, p = 1.
    """

    test: str
    difference: float
    interval: tuple[float, float] | None
    p: float | None


def paired(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> MeanDifference:
    """Compare runs that belong together one by one, at least two pairs (Student 1908, Biometrika 6, pages 1 to 25)."""
    import numpy as np
    from scipy.stats import ttest_rel

    differences = np.subtract(a, b).tolist()
    if agree(differences):
        return _without_spread(PAIRED, mean(differences))
    found = ttest_rel(a, b)
    low, high = found.confidence_interval(level)
    return MeanDifference(PAIRED, mean(differences), (float(low), float(high)), float(found.pvalue))


def welch(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> MeanDifference:
    """Compare two sets of at least two unrelated runs, which may spread differently (Welch 1947, Biometrika 34)."""
    from scipy.stats import ttest_ind

    difference = without_noise(mean(a) - mean(b))
    if agree(a) and agree(b):
        return _without_spread(WELCH, difference)
    found = ttest_ind(a, b, equal_var=False)
    low, high = found.confidence_interval(level)
    return MeanDifference(WELCH, difference, (float(low), float(high)), float(found.pvalue))


def _without_spread(test: str, difference: float) -> MeanDifference:
    same = agree([difference, 0.0])
    return MeanDifference(test, 0.0 if same else difference, None, 1.0 if same else None)

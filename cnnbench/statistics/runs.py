"""Two configurations with several runs each: paired and Welch's t-test of the difference of their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAIRED = "paired t-test"
WELCH = "Welch's t-test"
NO_SPREAD = 1e-12  # differences of scores closer than this differ by rounding alone


@dataclass(frozen=True)
class MeanDifference:
    """Mean of the first minus mean of the second, its interval, and the two-sided p-value of no difference.

    `p` and `interval` are None where the values do not vary and yet differ: there is no spread to measure the
    difference against.
    """

    test: str
    difference: float
    interval: tuple[float, float] | None
    p: float | None


def paired(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> MeanDifference:
    """Compare runs that belong together one by one, at least two pairs (Student 1908, Biometrika 6, pages 1 to 25)."""
    import numpy as np
    from scipy.stats import ttest_rel

    differences = np.subtract(a, b)
    if np.ptp(differences) < NO_SPREAD:
        return _without_spread(PAIRED, float(differences.mean()))
    found = ttest_rel(a, b)
    low, high = found.confidence_interval(level)
    return MeanDifference(PAIRED, float(differences.mean()), (float(low), float(high)), float(found.pvalue))


def welch(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> MeanDifference:
    """Compare two sets of at least two unrelated runs, which may spread differently (Welch 1947, Biometrika 34)."""
    import numpy as np
    from scipy.stats import ttest_ind

    difference = float(np.mean(a) - np.mean(b))
    if np.ptp(a) < NO_SPREAD and np.ptp(b) < NO_SPREAD:
        return _without_spread(WELCH, difference)
    found = ttest_ind(a, b, equal_var=False)
    low, high = found.confidence_interval(level)
    return MeanDifference(WELCH, difference, (float(low), float(high)), float(found.pvalue))


def _without_spread(test: str, difference: float) -> MeanDifference:
    same = abs(difference) < NO_SPREAD
    return MeanDifference(test, 0.0 if same else difference, (0.0, 0.0) if same else None, 1.0 if same else None)

"""Two classifiers on the same images: McNemar's exact test and an interval of the difference of their accuracies."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

MCNEMAR = "McNemar's exact test"
TANGO = "Tango's score interval for paired proportions"


@dataclass(frozen=True)
class Agreement:
    """Number of images that both, only the first, only the second and neither of two classifiers have right."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def images(self) -> int:
        """All images."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the first minus accuracy of the second."""
        return (self.only_a - self.only_b) / self.images


def mcnemar(counts: Agreement) -> float:
    """Return the two-sided p-value of equal accuracies (McNemar 1947, Psychometrika 12, pages 153 to 157).

    Only images that one of the two has right count: each is the first's with probability 1/2 if both are equally
    good. Without any such image p is 1.
    """
    from scipy.stats import binomtest

    either = counts.only_a + counts.only_b
    return float(binomtest(counts.only_a, either).pvalue) if either else 1.0


def difference_interval(counts: Agreement, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of the difference of two paired proportions.

    Tango 1998, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design", Statistics in Medicine 17, pages 891 to 908: every difference that the score test does not reject.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    z, observed, edge = float(norm.ppf((1 + level) / 2)), counts.difference, 1 - 1e-12
    low = -1.0 if observed == -1 else brentq(lambda d: _score(counts, d) - z, -edge, observed, xtol=1e-14)
    high = 1.0 if observed == 1 else brentq(lambda d: _score(counts, d) + z, observed, edge, xtol=1e-14)
    return float(low), float(high)


def _score(counts: Agreement, difference: float) -> float:
    """Return Tango's statistic, normal where the true difference is `difference`; falls as that grows."""
    n, b, c = counts.images, counts.only_a, counts.only_b
    distance = b - c - n * difference
    variance = n * (2 * _only_b_share(n, b, c, difference) + difference * (1 - difference))
    if abs(distance) < 1e-12 * n:
        return 0.0
    return distance / sqrt(variance) if variance > 0 else inf * distance


def _only_b_share(n: int, b: int, c: int, difference: float) -> float:
    """Return the likeliest share of images that only the second has right, given the difference."""
    linear = (2 * n - b + c) * difference - b - c
    constant = -c * difference * (1 - difference)
    return (sqrt(max(linear * linear - 8 * n * constant, 0.0)) - linear) / (4 * n)

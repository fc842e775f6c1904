"""Two contenders' rounds beside each other: medians, quartiles, and a conclusion only where the quartiles are apart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def told(values: Sequence[float], digits: int = 0) -> str:
    """Return the median with its quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Return the ratio of the medians, or that the quartiles overlap and nothing can be concluded."""
    first, second = (statistics.quantiles(values, n=4, method="inclusive") for values in (ours, theirs))
    found = f"{first[1] / second[1]:.3f}"
    apart = first[0] > second[2] or second[0] > first[2]
    return found if apart else f"{found}, which says nothing: the quartiles overlap"

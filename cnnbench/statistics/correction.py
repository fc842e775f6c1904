"""Many tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the chance of any false finding keeps its level.

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6.
    """
    ascending = sorted(range(len(p_values)), key=p_values.__getitem__)
    still_true = range(len(p_values), 0, -1)
    bounds = accumulate((n * p_values[i] for n, i in zip(still_true, ascending, strict=True)), max)
    adjusted = {i: min(1.0, bound) for i, bound in zip(ascending, bounds, strict=True)}
    return [adjusted[i] for i in range(len(p_values))]

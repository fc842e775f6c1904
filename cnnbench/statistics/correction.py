"""Many tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float], of: int | None = None) -> list[float]:
    """Return p-values adjusted so that the chance of any false finding keeps its level.

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6. Where
    these are some `of` more tests, of which the others are not known, each is at least what it would be among all:
    an unknown p-value only comes before it where it is smaller, and counts at most as often as the next known one.
    """
    tests = len(p_values) if of is None else of
    ascending = sorted(range(len(p_values)), key=p_values.__getitem__)
    still_true = range(tests, tests - len(p_values), -1)
    bounds = accumulate((n * p_values[i] for n, i in zip(still_true, ascending, strict=True)), max)
    adjusted = {i: min(1.0, bound) for i, bound in zip(ascending, bounds, strict=True)}
    return [adjusted[i] for i in range(len(p_values))]

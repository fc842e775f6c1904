"""Numbers as a source prints them: each stands for all numbers that would be printed so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from cnnbench.studies.sections import Published, Value
from cnnbench.text import fixed

EDGE = 1e-9  # of a step: two ranges that touch in rounding noise alone do not meet


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`."""

    low: float
    high: float

    def meets(self, other: Range) -> bool:
        """Return whether the two have a number in common, ends touching by noise not counted."""
        slack = EDGE * max(self.high - self.low, other.high - other.low)
        return self.low < other.high - slack and other.low < self.high - slack

    def through(self, function: Callable[[float], float]) -> Range:
        """Return where a rising function takes it."""
        return Range(function(self.low), function(self.high))


def printed(value: float, step: float) -> Range:
    """Return what is rounded to `value`, `step` being one in its last digit."""
    return Range(value - step / 2, value + step / 2)


def step_of(value: Value, decimals: int | None) -> float:
    """Return one in the last printed digit of a number."""
    if value.step is not None:
        return value.step
    if decimals is not None:
        return float(Decimal(1).scaleb(-decimals))
    assert value.is_ is not None
    if float(value.is_).is_integer():
        return 1.0
    exponent = Decimal(repr(float(value.is_))).as_tuple().exponent
    return float(Decimal(1).scaleb(int(exponent)))


def range_of(group: Published, measure: str) -> Range | None:
    """Return what a published number stands for, None where it is not given as a number."""
    value = group.values.get(measure)
    if value is None or value.is_ is None:
        return None
    return printed(value.is_, step_of(value, group.decimals))


def as_printed(value: Value, decimals: int | None) -> str:
    """Return a published value as people read it: with its printed digits, or in words."""
    if value.is_ is None:
        ends = [f"{word} {end:,g}" for word, end in (("over", value.over), ("under", value.under)) if end is not None]
        return " and ".join(ends)
    return fixed(value.is_, decimals_of(value, decimals))


def decimals_of(value: Value, decimals: int | None) -> int:
    """Return how many digits of a number are printed behind the point."""
    return max(0, -floor(log10(step_of(value, decimals)) + EDGE))

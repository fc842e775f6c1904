"""The values that a grid takes from a range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from cnnbench.catalogue.values import Violation, found
from cnnbench.sweep.define.schema import MOST, RangeSection

MOST_STEPS = 1_000_000_000  # beyond, samplers lose count
Ticks = tuple[tuple[float, ...], list[Violation]]


def ticks(spec: RangeSection, whole: bool) -> Ticks:
    """Return the values of a grid from low to high, or what is wrong.

    They are `points` many, evenly spaced; or by `step`; else the decades of a log range, or every whole number.
    """
    step = spec.step or (1 if whole else None)
    if spec.points is not None:
        return _spaced(spec, spec.points, whole)
    if spec.log:
        decades = tuple(_decades(spec.low, spec.high))
        return tuple(map(round, decades)) if whole else decades, []
    if step is not None:
        return _stepped(spec, step, whole)
    return (), [((), "a grid needs points (how many, evenly spaced), step, or a list of values")]


def step_mistakes(spec: RangeSection, whole: bool) -> Iterator[Violation]:
    """Yield what is wrong with a range's step: both ends are values, so it must lead from one to the other."""
    if spec.step is None:
        return
    if whole and not isinstance(spec.step, int):
        yield ("step",), f"expected a whole number, as the key takes no others, found {found(spec.step)}"
        return
    count, rest = divmod(exact(spec.high) - exact(spec.low), exact(spec.step))
    if count > MOST_STEPS:
        yield ("step",), f"expected a larger one, found {found(spec.step)}: it would make more than {MOST_STEPS} values"
    elif rest:
        last = exact(spec.low) + count * exact(spec.step)
        yield ("step",), f"does not lead from low to high: after {float(last):g} comes {float(last) + spec.step:g}"


def _spaced(spec: RangeSection, count: int, whole: bool) -> Ticks:
    values = [_between(spec, i / (count - 1)) for i in range(count)]
    numbers = [round(value) for value in values] if whole else values
    if len(set(numbers)) < count:
        return (), [(("points",), f"only {len(set(numbers))} of {count} numbers from low to high would differ")]
    return tuple(numbers), []


def _stepped(spec: RangeSection, step: float, whole: bool) -> Ticks:
    count = int((exact(spec.high) - exact(spec.low)) / exact(step)) + 1
    if count > MOST:
        return (), [((), f"expected at most {MOST} values; points or a larger step makes fewer")]
    values = [exact(spec.low) + i * exact(step) for i in range(count)]
    return tuple(map(int, values)) if whole else tuple(map(float, values)), []


def _between(spec: RangeSection, share: float) -> float:
    """Return the number at a share of the way from low to high, in as many digits as are meant; ends are exact."""
    if share in (0, 1):
        return float(spec.high if share else spec.low)
    if spec.log:
        exponent = math.log(spec.low) + share * (math.log(spec.high) - math.log(spec.low))
        return float(f"{math.exp(exponent):.6g}")
    return float(f"{spec.low + share * (spec.high - spec.low):.12g}")


def _decades(low: float, high: float) -> Iterator[float]:
    """Yield low, the powers of ten between, and high."""
    yield float(low)
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        power = float(f"1e{exponent}")
        if low < power < high:
            yield power
    yield float(high)


def exact(number: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))

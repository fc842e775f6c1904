"""How the values of an axis are laid out: which are listed, where each lies, whether all combinations were tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from cnnbench.numbers import is_number
from cnnbench.sweep.define.sweep import Axis, Range
from cnnbench.sweep.run.trials import SweepResults, Trial

DECADES = 2  # a list of numbers that spans as many is drawn on a logarithmic scale


def is_numeric(axis: Axis) -> bool:
    """Return whether values can be drawn where they lie: a range, or two and more numbers.

    A list such as 0, 1e-5, 1e-3 is not: its zero has no place on the scale that suits the others.
    """
    if isinstance(axis, Range):
        return True
    values: tuple[Any, ...] = axis.listed
    if len(values) < 2 or not all(is_number(value) for value in values):
        return False
    return min(values) > 0 or not is_geometric([value for value in values if value > 0])


def is_logarithmic(axis: Axis) -> bool:
    """Return whether an axis is drawn on a logarithmic scale."""
    return axis.log if isinstance(axis, Range) else is_numeric(axis) and is_geometric(axis.listed)


def is_geometric(values: Sequence[float]) -> bool:
    """Return whether positive numbers span two decades in steps that are more even as factors than as differences."""
    ordered = sorted(set(values))
    if len(ordered) < 2 or ordered[0] <= 0 or ordered[-1] < 10**DECADES * ordered[0]:
        return False
    return len(ordered) < 3 or _unevenness([math.log(value) for value in ordered]) < _unevenness(ordered)


def place(axis: Axis, value: Any) -> float:
    """Return where a value is drawn: the number itself, or its place in the list."""
    return float(value) if is_numeric(axis) else float(index(axis, value))


def index(axis: Axis, value: Any) -> int:
    """Return the place of a value in the list of its axis; raises ValueError for one that is not in it."""
    for number, one in enumerate(axis.listed):
        if _same(one, value):
            return number
    raise ValueError(f"{axis.path}: {value!r} is not in its list")


def cell(axes: Sequence[Axis], trial: Trial) -> tuple[int, ...]:
    """Return the places of a trial's values in the lists of these axes."""
    return tuple(index(axis, trial.values[axis.path]) for axis in axes)


def is_full_grid(results: SweepResults) -> bool:
    """Return whether every combination of listed values is a trial that is done, so that means over others are fair."""
    axes = results.sweep.space
    if not axes or not all(axis.listed for axis in axes):
        return False
    done = {cell(axes, trial) for trial in results.trials if trial.state == "done"}
    return len(done) == math.prod(len(axis.listed) for axis in axes)


def _same(one: Any, other: Any) -> bool:
    if is_number(one) and is_number(other):
        return math.isclose(one, other, rel_tol=1e-9)
    return type(one) is type(other) and bool(one == other)


def _unevenness(ordered: Sequence[float]) -> float:
    steps = [b - a for a, b in pairwise(ordered)]
    return max(steps) / min(steps)

"""The keys of a search that takes one at a time, each with its points and the value that is carried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnbench.sweep.define.sweep import Axis, Sweep, Values


@dataclass(frozen=True)
class End:
    """How a trial ended: with the mean of its objective, None where it has none."""

    value: float | None


@dataclass(frozen=True)
class Factor:
    """A key in its turn: the points that differ in it alone, in the order of its values.

    `is_over` says that every one of them has ended; `best` is the best of those then, of equals the first one, None
    where none of them has a mean.
    """

    axis: Axis
    points: Sequence[Values]
    is_over: bool
    best: Values | None


def factors(sweep: Sweep, ended: Callable[[Values], End | None]) -> list[Factor]:
    """Return the keys whose points are known, in turn; `ended` tells of a point how it did, None where it has not yet.

    Where the best is carried on, a key's points are known when all those of the key before have ended. One without any
    mean carries on what it began with.
    """
    held = sweep.start
    found: list[Factor] = []
    for axis in sweep.space:
        points = [{**held, axis.path: label} for label in axis.listed]
        ends = [ended(point) for point in points]
        is_over = None not in ends
        best = _best(sweep, points, ends) if is_over else None
        found.append(Factor(axis, points, is_over, best))
        if sweep.carry and not is_over:
            break
        held = best if sweep.carry and best is not None else held
    return found


def _best(sweep: Sweep, points: Sequence[Values], ends: Sequence[End | None]) -> Values | None:
    worth = [(point, end.value) for point, end in zip(points, ends, strict=True) if end and end.value is not None]
    choose = max if sweep.objectives[0].direction == "maximize" else min
    return choose(worth, key=lambda one: one[1])[0] if worth else None

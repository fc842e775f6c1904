"""The points of a space that has only so many: how many they are, and one that has not been tried yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnbench.sweep.define.space import same
from cnnbench.sweep.define.ticks import exact
from cnnbench.sweep.define.types import Axis, Choices, Values

if TYPE_CHECKING:
    from numpy.random import Generator


def size_of(axes: Sequence[Axis]) -> int | None:
    """Return how many points a space has, None where an axis takes any number of a range."""
    sizes = [_size(axis) for axis in axes]
    return None if None in sizes else prod(size for size in sizes if size is not None)


def on_its_step(axis: Axis, value: Any) -> Any:
    """Return a value of an axis as a grid would have it: 0.3 for 0.1 + 2 * 0.1, which a sampler adds up to more."""
    if isinstance(axis, Choices) or axis.integer or axis.step is None:
        return value
    return _value(axis, _index(axis, value))


def untried(axes: Sequence[Axis], tried: Iterable[Values], rng: Generator) -> Values | None:
    """Draw one of the points of a finite space that are not among those tried, each as likely.

    None where there is none left, or where the space is not finite.
    """
    size = size_of(axes)
    taken = sorted({_place(axes, values) for values in tried}) if size is not None else []
    if size is None or len(taken) >= size:
        return None
    place = int(rng.integers(size - len(taken)))
    for one in taken:
        place += one <= place
    return _point(axes, place)


def _size(axis: Axis) -> int | None:
    if isinstance(axis, Choices):
        return len(axis.choices)
    if axis.step is None and not axis.integer:
        return None
    return int((exact(axis.high) - exact(axis.low)) / exact(axis.step or 1)) + 1


def _place(axes: Sequence[Axis], values: Values) -> int:
    """Return the place of a point in the order in which the last axis changes fastest."""
    place = 0
    for axis in axes:
        place = place * (_size(axis) or 1) + _index(axis, values[axis.path])
    return place


def _point(axes: Sequence[Axis], place: int) -> Values:
    values: dict[str, Any] = {}
    for axis in reversed(axes):
        place, index = divmod(place, _size(axis) or 1)
        values[axis.path] = _value(axis, index)
    return {axis.path: values[axis.path] for axis in axes}


def _index(axis: Axis, value: Any) -> int:
    if isinstance(axis, Choices):
        return next(i for i, choice in enumerate(axis.choices) if same(choice.label, value))
    return round((exact(value) - exact(axis.low)) / exact(axis.step or 1))


def _value(axis: Axis, index: int) -> Any:
    if isinstance(axis, Choices):
        return axis.choices[index].label
    number = exact(axis.low) + index * exact(axis.step or 1)
    return int(number) if axis.integer else float(number)

"""The points of a space: the configuration of each, how many there are, and one that has not been tried yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.document import Mark
from cnnbench.config.load import check_document
from cnnbench.config.overrides import Override, lay
from cnnbench.config.schema import Config
from cnnbench.sweep.define.sweep import Axis, Choices, Label, Sweep, Values

if TYPE_CHECKING:
    from numpy.random import Generator


def config_of(sweep: Sweep, values: Mapping[str, Any]) -> Config:
    """Return the base configuration with values, by dotted path, laid over it; raises ConfigError."""
    return check_document(lay(sweep.base, [override(path, value) for path, value in values.items()]))


def config_at(sweep: Sweep, point: Values) -> Config:
    """Return the configuration at a point, whose values are given by label; raises ConfigError."""
    return config_of(sweep, {path: value_of(axis, point[path]) for path, axis in sweep.axes.items()})


def override(path: str, value: Any, marks: Mapping[KeyPath, Mark] | None = None) -> Override:
    """Return a value to lay over a document at a dotted path; `marks` tells where it stands in a file, if it does."""
    return Override(tuple(path.split(".")), value, marks or {})


def points(sweep: Sweep) -> Iterator[Values]:
    """Yield the points that a sweep's file gives, in order, each a mapping of every axis' path to a label.

    In a grid the last axis changes fastest. A method that draws its points has none: it yields none.
    """
    if sweep.search.lists_rows:
        for row in sweep.rows:
            yield {axis.path: label_of(axis, row[axis.path]) for axis in sweep.space}
    elif sweep.search.points is not None:
        paths = [axis.path for axis in sweep.space]
        for labels in sweep.search.points(*(axis.listed for axis in sweep.space)):
            yield dict(zip(paths, labels, strict=True))


def points_given(sweep: Sweep) -> int | None:
    """Return how many points a sweep's file gives, None where they are drawn."""
    if sweep.search.draws:
        return None
    return len(sweep.rows) if sweep.search.lists_rows else sweep.search.size([len(axis.listed) for axis in sweep.space])


def value_of(axis: Axis, label: Label) -> Any:
    """Return the value that a label stands for, as a file would hold it; raises KeyError for a label of no value."""
    if not isinstance(axis, Choices):
        return label
    for choice in axis.choices:
        if same(choice.label, label):
            return choice.value
    raise KeyError(label)


def label_of(axis: Axis, value: Any) -> Label:
    """Return the label of one of an axis' values; raises KeyError where it is none of them."""
    if not isinstance(axis, Choices):
        return value if isinstance(value, int | float) else float(value)
    for choice in axis.choices:
        if same(choice.value, value):
            return choice.label
    raise KeyError(value)


def same(a: Any, b: Any) -> bool:
    """Return whether two values are the same to a configuration: true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def exact(number: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


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

"""The points of a space: the configuration of each, how many there are, and one that has not been tried yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.document import Mark
from cnnbench.config.load import check_document
from cnnbench.config.overrides import Override, lay
from cnnbench.config.schema import Config
from cnnbench.sweep.define.sweep import Axis, Sweep, Values

if TYPE_CHECKING:
    from numpy.random import Generator


def config_of(sweep: Sweep, values: Mapping[str, Any]) -> Config:
    """Return the base configuration with values, by dotted path, laid over it; raises ConfigError."""
    return check_document(lay(sweep.base, [override(path, value) for path, value in values.items()]))


def config_at(sweep: Sweep, point: Values) -> Config:
    """Return the configuration at a point, whose values are given by label; raises ConfigError."""
    values = {path: axis.value_of(point[path]) for path, axis in sweep.axes.items()}
    if sweep.search.ablates:
        (values,) = values.values()  # by the paths that switch a technique off
    return config_of(sweep, values)


def override(path: str, value: Any, marks: Mapping[KeyPath, Mark] | None = None) -> Override:
    """Return a value to lay over a document at a dotted path; `marks` tells where it stands in a file, if it does."""
    return Override(tuple(path.split(".")), value, marks or {})


def points(sweep: Sweep) -> Iterator[Values]:
    """Yield the points that a sweep's file gives, in order, each a mapping of every axis' path to a label.

    In a grid the last axis changes fastest. A method that draws its points, or makes them of the trials before, has
    none: it yields none.
    """
    if sweep.search.lists_rows:
        for row in sweep.rows:
            yield {axis.path: axis.label_of(row[axis.path]) for axis in sweep.space}
    elif sweep.search.points is not None:
        paths = [axis.path for axis in sweep.space]
        for labels in sweep.search.points(*(axis.listed for axis in sweep.space)):
            yield dict(zip(paths, labels, strict=True))


def points_given(sweep: Sweep) -> int | None:
    """Return how many points a sweep's file gives, None where they are drawn."""
    if sweep.search.draws:
        return None
    return len(sweep.rows) if sweep.search.lists_rows else sweep.search.size([len(axis.listed) for axis in sweep.space])


def size_of(axes: Sequence[Axis]) -> int | None:
    """Return how many points a space has, None where an axis takes any number of a range."""
    sizes = [axis.size for axis in axes]
    return None if None in sizes else prod(size for size in sizes if size is not None)


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


def _place(axes: Sequence[Axis], values: Values) -> int:
    """Return the place of a point in the order in which the last axis changes fastest."""
    place = 0
    for axis in axes:
        place = place * (axis.size or 1) + axis.place_of(values[axis.path])
    return place


def _point(axes: Sequence[Axis], place: int) -> Values:
    values: dict[str, Any] = {}
    for axis in reversed(axes):
        place, index = divmod(place, axis.size or 1)
        values[axis.path] = axis.at(index)
    return {axis.path: values[axis.path] for axis in axes}

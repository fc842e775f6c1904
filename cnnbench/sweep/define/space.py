"""The points of a space, and the configuration of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.document import Mark
from cnnbench.config.load import check_document
from cnnbench.config.overrides import Override, lay
from cnnbench.config.schema import Config
from cnnbench.sweep.define.types import Axis, Choices, Sweep, Values

Label = bool | int | float | str | None


def config_of(sweep: Sweep, values: Mapping[str, Any]) -> Config:
    """Return the base configuration with values, by dotted path, laid over it; raises ConfigError."""
    return check_document(lay(sweep.base, [override(path, value) for path, value in values.items()]))


def override(path: str, value: Any, marks: Mapping[KeyPath, Mark] | None = None) -> Override:
    """Return a value to lay over a document at a dotted path; `marks` tells where it stands in a file, if it does."""
    return Override(tuple(path.split(".")), value, marks or {})


def points(sweep: Sweep) -> Iterator[Values]:
    """Yield the points of a grid or a list in order, each a mapping of every axis' path to a label.

    In a grid the last axis changes fastest. Other methods have no points of their own: they yield none.
    """
    if sweep.method == "list":
        for row in sweep.rows:
            yield {axis.path: label_of(axis, row[axis.path]) for axis in sweep.space}
    elif sweep.method == "grid":
        paths = [axis.path for axis in sweep.space]
        for labels in product(*map(labels_of, sweep.space)):
            yield dict(zip(paths, labels, strict=True))


def grid_size(sweep: Sweep) -> int:
    """Return how many points a grid or a list has."""
    return len(sweep.rows) if sweep.method == "list" else prod(len(labels_of(axis)) for axis in sweep.space)


def labels_of(axis: Axis) -> tuple[Label, ...]:
    """Return the labels of an axis' values in order; of a range those that a grid takes from it."""
    return tuple(choice.label for choice in axis.choices) if isinstance(axis, Choices) else axis.grid


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

"""Where a search that takes one key at a time begins: the base's own value of every key, listed or not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cnnbench.catalogue.values import Violation
from cnnbench.config.document import Document
from cnnbench.config.load import check_document
from cnnbench.config.overrides import lay
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.numbers import is_number
from cnnbench.sweep.define.axes import labelled
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.space import override
from cnnbench.sweep.define.sweep import Axis, Choice, Choices, Label, Values, same

_NO_VALUE = "expected the base's value among these; none of them leaves the base as it is"


@dataclass(frozen=True)
class Turns:
    """The axes in the order of their turns, each with the base's value among its own, and the labels of the base."""

    axes: tuple[Axis, ...]
    start: Values


def take_turns(base: Document, axes: Sequence[Axis], order: Sequence[str]) -> tuple[Turns, list[Violation]]:
    """Return the turns of keys, in this order of their paths, and the keys of which the base has no value."""
    config = check_document(base)
    turns: list[Axis] = []
    start: dict[str, Label] = {}
    wrong: list[Violation] = []
    for axis in sorted(axes, key=lambda axis: order.index(axis.path)):
        choices = axis.choices if isinstance(axis, Choices) else labelled(axis.listed)
        own = _own(base, config, axis.path, choices)
        if own is None:
            wrong.append(((axis.path,), _NO_VALUE))
            continue
        listed = choices if own in choices else _with(choices, own)
        turns.append(Choices(axis.path, listed))
        start[axis.path] = own.label
    return Turns(tuple(turns), start), wrong


def _own(base: Document, config: Config, path: str, choices: Sequence[Choice]) -> Choice | None:
    """Return the base's own value: the choice that it is, or that leaves the base as it is, or else one more."""
    told, value = _value(config.model_dump(mode="json"), path)
    equal = next((choice for choice in choices if told and same(choice.value, value)), None)
    equal = equal or next((choice for choice in choices if _changes_nothing(base, config, path, choice)), None)
    if equal is not None or not told or (value is None and path.startswith("model.")):  # null there: said elsewhere
        return equal
    return labelled([*(choice.value for choice in choices), value])[-1]


def _value(data: Any, path: str) -> tuple[bool, Any]:
    """Return whether there is a value at a dotted path, and the value."""
    for key in path.split("."):
        inside = data.get(key, ...) if isinstance(data, dict) else ...
        if isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            inside = data[int(key)]
        if inside is ...:
            return False, None
        data = inside
    return True, data


def _changes_nothing(base: Document, config: Config, path: str, choice: Choice) -> bool:
    with suppress(ConfigError):
        return identity(check_document(lay(base, [override(path, choice.value)]))) == identity(config)
    return False


def _with(choices: Sequence[Choice], own: Choice) -> tuple[Choice, ...]:
    """Return the choices with one more: where it belongs among numbers that rise, else before them."""
    label: Any = own.label
    numbers: list[Any] = [choice.label for choice in choices]
    rise = all(map(is_number, [*numbers, label])) and all(a < b for a, b in pairwise(numbers))
    at = sum(number < label for number in numbers) if rise else 0
    return (*choices[:at], own, *choices[at:])

"""An entry of `space` as an axis: listed values with their labels, or a range with what a grid takes from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cnnbench.catalogue.values import LONGEST, Violation, found
from cnnbench.config.validation import validate
from cnnbench.sweep.define.schema import MOST, NamedChoices, RangeSection
from cnnbench.sweep.define.space import Label
from cnnbench.sweep.define.ticks import step_mistakes, ticks
from cnnbench.sweep.define.types import Axis, Choice, Choices, Method, Range

_FORMS = "expected a list of values, {low, high} or {choices: {name: value}}"


def read_axis(
    path: str, entry: Any, method: Method, whole: Callable[[RangeSection], bool]
) -> tuple[Axis | None, list[Violation]]:
    """Return the axis that an entry of `space` describes, or None and its mistakes by key path inside the entry.

    `whole` tells whether the key that a range is for takes whole numbers only.
    """
    if isinstance(entry, list):
        return _listed(path, entry)
    if not isinstance(entry, dict):
        return None, [((), f"{_FORMS}, found {found(entry)}; a single value goes into `fixed`")]
    if "choices" in entry:
        return _named(path, entry)
    spec, mistakes = validate(RangeSection, entry)
    if spec is None:
        return None, [((), f"{_FORMS}, found {found(entry)}")] if not {"low", "high"} & set(entry) else mistakes
    if mistakes := list(_contradictions(spec, method)):
        return None, mistakes
    return _range(path, spec, method, whole(spec))


def labelled(values: Sequence[Any]) -> tuple[Choice, ...]:
    """Return values with labels: the value itself where it is one word or number, else a short text, unique."""
    taken: set[Label] = {value for value in values if not isinstance(value, list | dict)}
    choices: list[Choice] = []
    for value in values:
        label = value
        if isinstance(value, list | dict):
            label = _short(value)
            while label in taken:
                label = _next(label)
            taken.add(label)
        choices.append(Choice(label, value))
    return tuple(choices)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _next(label: str) -> str:
    """Return `label #2` for `label`, and `label #3` for `label #2`."""
    start, mark, number = label.rpartition(" #")
    return f"{start} #{int(number) + 1}" if mark and number.isdecimal() else f"{label} #2"


def _listed(path: str, values: list[Any]) -> tuple[Axis | None, list[Violation]]:
    if not 1 <= len(values) <= MOST:
        return None, [((), f"expected 1 to {MOST} values, found {len(values)}")]
    mistakes: list[Violation] = []
    for i, value in enumerate(values):
        if (first := values.index(value)) < i:
            mistakes.append(((i,), f"{found(value)} is given twice (first as [{first}])"))
    return (None, mistakes) if mistakes else (Choices(path, labelled(values)), [])


def _named(path: str, entry: dict[str, Any]) -> tuple[Axis | None, list[Violation]]:
    spec, mistakes = validate(NamedChoices, entry)
    if spec is None:
        return None, mistakes
    names, values = list(spec.choices), list(spec.choices.values())
    for i, name in enumerate(names):
        if (first := values.index(values[i])) < i:
            mistakes.append((("choices", name), f"the same value as {names[first]}"))
    return (None, mistakes) if mistakes else (Choices(path, tuple(map(Choice, names, values))), [])


def _contradictions(spec: RangeSection, method: Method) -> Iterator[Violation]:
    if spec.low >= spec.high:
        yield ("low",), f"expected less than high ({found(spec.high)}), found {found(spec.low)}"
    elif spec.log and spec.low <= 0:
        yield ("low",), f"expected a number > 0, found {found(spec.low)}: a log axis has no zero"
    if spec.step is not None and spec.log:
        yield ("step",), "cannot be given together with log; points says how many values a grid takes"
    if spec.points is not None and spec.step is not None:
        yield ("points",), "cannot be given together with step"
    if spec.points is not None and method != "grid":
        yield ("points",), f"has no effect with method {method}; it says how many values a grid takes"


def _range(path: str, spec: RangeSection, method: Method, whole: bool) -> tuple[Axis | None, list[Violation]]:
    grid: tuple[float, ...] = ()
    if mistakes := list(step_mistakes(spec, whole)):
        return None, mistakes
    if method == "grid":
        grid, mistakes = ticks(spec, whole)
    if mistakes:
        return None, mistakes
    low, high = (spec.low, spec.high) if whole else (float(spec.low), float(spec.high))
    return Range(path, low, high, spec.log, spec.step, whole, grid), []

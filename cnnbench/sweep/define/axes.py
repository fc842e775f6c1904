"""An entry of `space` as an axis: listed values with their labels, or a range with what a grid takes from it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cnnbench.catalogue.searches import SEARCHES
from cnnbench.catalogue.values import LONGEST, Violation, found
from cnnbench.config.validation import validate
from cnnbench.sweep.define.sections import MOST, Interval, NamedChoices
from cnnbench.sweep.define.sweep import Axis, Choice, Choices, Label, Range, exact

MOST_STEPS = 1_000_000_000  # beyond, samplers lose count
Ticks = tuple[tuple[float, ...], list[Violation]]
_FORMS = "expected a list of values, {low, high} or {choices: {name: value}}"


def read_axis(
    path: str, entry: Any, method: str, whole: Callable[[Interval], bool]
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
    spec, mistakes = validate(Interval, entry)
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


def _contradictions(spec: Interval, method: str) -> Iterator[Violation]:
    if spec.low >= spec.high:
        yield ("low",), f"expected less than high ({found(spec.high)}), found {found(spec.low)}"
    elif spec.log and spec.low <= 0:
        yield ("low",), f"expected a number > 0, found {found(spec.low)}: a log axis has no zero"
    if spec.step is not None and spec.log:
        yield ("step",), "cannot be given together with log; points says how many values a grid takes"
    if spec.points is not None and spec.step is not None:
        yield ("points",), "cannot be given together with step"
    if spec.points is not None and not SEARCHES[method].takes_listed:
        yield ("points",), f"has no effect with method {method}; it says how many values a grid takes"


def _range(path: str, spec: Interval, method: str, whole: bool) -> tuple[Axis | None, list[Violation]]:
    grid: tuple[float, ...] = ()
    mistakes = list(_step_mistakes(spec, whole))
    if not mistakes and SEARCHES[method].takes_listed:
        grid, mistakes = _ticks(spec, whole)
    if mistakes:
        return None, mistakes
    low, high = (spec.low, spec.high) if whole else (float(spec.low), float(spec.high))
    return Range(path=path, low=low, high=high, log=spec.log, step=spec.step, integer=whole, grid=grid), []


def _ticks(spec: Interval, whole: bool) -> Ticks:
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


def _step_mistakes(spec: Interval, whole: bool) -> Iterator[Violation]:
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


def _spaced(spec: Interval, count: int, whole: bool) -> Ticks:
    values = [_between(spec, i / (count - 1)) for i in range(count)]
    numbers = [round(value) for value in values] if whole else values
    if len(set(numbers)) < count:
        return (), [(("points",), f"only {len(set(numbers))} of {count} numbers from low to high would differ")]
    return tuple(numbers), []


def _stepped(spec: Interval, step: float, whole: bool) -> Ticks:
    count = int((exact(spec.high) - exact(spec.low)) / exact(step)) + 1
    if count > MOST:
        return (), [((), f"expected at most {MOST} values; points or a larger step makes fewer")]
    values = [exact(spec.low) + i * exact(step) for i in range(count)]
    return tuple(map(int, values)) if whole else tuple(map(float, values)), []


def _between(spec: Interval, share: float) -> float:
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

"""Every value of a space, and where they are few enough every point, held against the base before anything runs.

The checks are those that every configuration passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.catalogue.values import KeyPath, found
from cnnbench.config.document import Document, Mark
from cnnbench.config.load import check_document
from cnnbench.config.overrides import Override, lay
from cnnbench.config.schema import Config
from cnnbench.config.static import may_bring_splits
from cnnbench.errors import ConfigError
from cnnbench.numbers import is_number
from cnnbench.sweep.define.documents import marks_at
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.sections import Interval
from cnnbench.sweep.define.space import override

MOST_POINTS = 2_000  # points that are checked one by one; of more, every value is checked by itself
TOLD = 5  # points with mistakes that are told
_PROBE = Mark("\0", 0)  # no file has this name


@dataclass(frozen=True)
class Tried:
    """What became of the base with values over it: a configuration, or the lines that tell why there is none."""

    config: Config | None
    lines: tuple[str, ...] = field(default=())


def options(document: Document, path: str, entry: Any) -> list[Override]:
    """Return what can be tried of an entry of `space`: every listed value, both ends of a range."""
    places: dict[KeyPath, Any] = {}
    if isinstance(entry, list):
        places = {(i,): value for i, value in enumerate(entry)}
    elif isinstance(entry, dict) and isinstance(entry.get("choices"), dict):
        places = {("choices", name): value for name, value in entry["choices"].items()}
    elif isinstance(entry, dict):
        ends = {end: entry.get(end) for end in ("low", "high")}
        places = {(end,): value for end, value in ends.items() if all(map(_is_finite, ends.values()))}
    return [override(path, value, marks_at(document, ("space", path, *place))) for place, value in places.items()]


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def attempt(base: Document, overrides: Iterable[Override], needs_validation: str | None = None) -> Tried:
    """Return what becomes of the base with values over it.

    `needs_validation` names what reads validation data; without them there is no configuration.
    """
    document = lay(base, overrides)
    try:
        config = check_document(document)
    except ConfigError as e:
        return Tried(None, tuple(e.problems))
    data = config.data
    has_validation = data.validation or data.fold or may_bring_splits(data)
    if needs_validation == "val_loss" and config.model.estimator is not None:
        message = f"{config.model.title} has no val_loss; val_accuracy is measured of everything"
        return Tried(None, (document.problem(("model", "estimator"), message),))
    if needs_validation and not has_validation:
        message = f"{needs_validation} needs validation data, found {data.validation:g}"
        return Tried(None, (document.problem(("data", "validation"), message),))
    return Tried(config)


def takes_whole_numbers(base: Document, others: Sequence[Override], path: str, spec: Interval) -> bool:
    """Return whether a range that is written in whole numbers is for a key that takes no others.

    The key's own check decides: a number between the ends that is not whole is tried.
    """
    if not (isinstance(spec.low, int) and isinstance(spec.high, int)):
        return False
    middle = math.floor((spec.low + spec.high) / 2) + 0.5
    tried = attempt(base, [*others, override(path, middle, {(): _PROBE})])
    return any(line.startswith(str(_PROBE)) for line in tried.lines)


Attempt = Callable[[Iterable[Override]], Tried]
Point = tuple[Override, ...]


@dataclass(frozen=True)
class Options:
    """What is tried of an axis, and where the axis stands."""

    path: str
    mark: Mark | None
    values: Sequence[Override]


def space_mistakes(document: Document, axes: Sequence[Options], attempt: Attempt) -> list[str]:
    """Return a line per mistake in the base and in each value, the other axes at their first one."""
    own = attempt([]).lines
    firsts = {axis.path: axis.values[0] for axis in axes}
    at_first = attempt(firsts.values()).lines
    unhealed = [line for line in own if line in at_first]
    lines = [*unhealed, *_at_first(document, axes, [line for line in at_first if line not in own], attempt)]
    for axis in axes:
        others = [first for path, first in firsts.items() if path != axis.path]
        tries = [[x for x in attempt([*others, v]).lines if x not in unhealed] for v in axis.values]
        lines += _of_axis(document, axis, tries, at_first)
    return list(dict.fromkeys(lines))


def point_mistakes(document: Document, points: Iterable[Point], attempt: Attempt, *, distinct: bool) -> list[str]:
    """Return a line for each of the first points with mistakes, where `distinct` also for one that is there twice."""
    seen: dict[str, Point] = {}
    lines: list[str] = []
    for point in points:
        tried = attempt(point)
        lines += [_at_point(document, point, line) for line in tried.lines]
        if distinct and tried.config is not None:
            same = seen.setdefault(identity(tried.config), point)
            if same is not point:
                lines.append(document.problem(("space",), f"{_named(point)} is the same as {_named(same)}"))
    told = list(dict.fromkeys(lines))
    more = [document.problem(("space",), f"{len(told) - TOLD} more mistakes of this kind")] if len(told) > TOLD else []
    return told[:TOLD] + more


def row_mistakes(rows: Sequence[Point], attempt: Attempt, header: Mark | None) -> list[str]:
    """Return a line per mistake in the base and in each row of a list; what all rows have stands in the header."""
    own = attempt([]).lines
    tries = [attempt(row) for row in rows]
    marks = [row[0].marks.get(()) for row in rows]
    unhealed = [line for line in own if all(line in tried.lines for tried in tries)]
    texts = [
        [line.removeprefix(f"{mark}: ") for line in tried.lines if line not in unhealed]
        for mark, tried in zip(marks, tries, strict=True)
    ]
    always = [text for text in texts[0] if header and len(texts) > 1 and all(text in each for each in texts)]
    lines = [*unhealed, *(f"{header}: {text}" for text in always)]
    seen: dict[str, int] = {}
    for i, (mark, tried) in enumerate(zip(marks, tries, strict=True)):
        lines += [f"{mark}: {text}" for text in texts[i] if text not in always]
        first = seen.setdefault(identity(tried.config), i) if tried.config else i
        if first < i:
            lines.append(f"{mark}: the same configuration as trial {first + 1} of the list, at {marks[first]}")
    return list(dict.fromkeys(lines))


def _at_first(document: Document, axes: Sequence[Options], lines: Iterable[str], attempt: Attempt) -> Iterator[str]:
    """Yield what the first values make wrong in the base: one of them alone, or all together."""
    for line in lines:
        if any(_stands_in(axis, line) for axis in axes):
            continue
        alone = next((axis for axis in axes if line in attempt([axis.values[0]]).lines), None)
        if alone is None:
            yield _at_point(document, tuple(axis.values[0] for axis in axes), line)
        else:
            yield _with_base(document, alone, alone.values[0], line)


def _of_axis(
    document: Document, axis: Options, tries: Sequence[Sequence[str]], at_first: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with an axis' values; what is wrong with each of them is the path's mistake."""
    texts = [{_text(axis, line) for line in lines} for lines in tries]
    always = set.intersection(*texts) if len(texts) > 1 else set()
    for value, lines in zip(axis.values, tries, strict=True):
        for line in lines:
            text = _text(axis, line)
            if _stands_in(axis, line):
                yield f"{axis.mark}: {text}" if text in always and axis.mark else line
            elif line not in at_first:
                yield _with_base(document, axis, value, line)


def _with_base(document: Document, axis: Options, value: Override, line: str) -> str:
    return document.problem(("space", axis.path), f"{found(value.value)} does not go with the rest: {line}")


def _stands_in(axis: Options, line: str) -> bool:
    return any(line.startswith(f"{mark}: ") for value in axis.values for mark in value.marks.values())


def _text(axis: Options, line: str) -> str:
    """Return a line without the place inside the axis that it starts with."""
    for value in axis.values:
        for mark in value.marks.values():
            if line.startswith(f"{mark}: "):
                return line.removeprefix(f"{mark}: ")
    return line


def _at_point(document: Document, point: Point, line: str) -> str:
    return document.problem(("space",), f"at {_named(point)}: {line}")


def _named(point: Point) -> str:
    return ", ".join(f"{'.'.join(value.keys)} {found(value.value)}" for value in point)

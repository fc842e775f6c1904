"""The space of a sweep: its axes, read from the file and every value tried over the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, product
from pathlib import Path

from cnnbench.catalogue.searches import SEARCHES, SearchMethod
from cnnbench.config.document import Document, Mark
from cnnbench.config.overrides import Override
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.axes import read_axis
from cnnbench.sweep.define.documents import settled
from cnnbench.sweep.define.mistakes import Mistakes
from cnnbench.sweep.define.rows import axes_of_rows, rows_in_place, rows_of_file
from cnnbench.sweep.define.rules import NOT_STUDIED, fixed_mistakes
from cnnbench.sweep.define.sections import SweepFile
from cnnbench.sweep.define.space import override
from cnnbench.sweep.define.sweep import Axis, Choices, Values
from cnnbench.sweep.define.trying import (
    MOST_POINTS,
    Attempt,
    Options,
    Point,
    options,
    point_mistakes,
    row_mistakes,
    space_mistakes,
    takes_whole_numbers,
)

MOST_IN_GRID = 100_000
Space = tuple[tuple[Axis, ...], tuple[Values, ...]]


def read_space(
    document: Document, file: SweepFile, base: Document, try_out: Attempt | None, mistakes: Mistakes
) -> Space:
    """Return the axes of `space`, and no rows; every value, and if they are few every point, is tried out."""
    tried = {path: options(document, path, entry) for path, entry in file.space.items()}
    axes = _axes(document, file, base, tried, mistakes)
    if try_out is None:
        return axes, ()
    found = [Options(path, document.mark(("space", path)), values) for path, values in tried.items() if values]
    method = SEARCHES[file.search.method]
    for together in ([axis] for axis in found) if method.in_turn else [found]:
        mistakes.add_lines(space_mistakes(document, together, try_out), ("space",))
    if method.takes_listed and (size := method.size([len(axis.listed) for axis in axes])) > MOST_IN_GRID:
        message = f"a {file.search.method} of {size} points, expected at most {MOST_IN_GRID}"
        mistakes.add(("space",), f"{message}; random and tpe choose some")
    if "space" not in mistakes.wrong:
        for swept in ([axis] for axis in axes) if method.in_turn else [axes]:
            points = _few(method, swept, tried)
            mistakes.add_lines(point_mistakes(document, points, try_out, distinct=method.takes_listed), ("space",))
    return axes, ()


def read_rows(
    document: Document, file: SweepFile, base: Document, try_out: Attempt | None, mistakes: Mistakes
) -> Space:
    """Return an axis of the values of each column of a list, and its rows; each is tried out."""
    try:
        header, rows = _rows(document, file)
    except ConfigError as e:
        mistakes.add_lines(e.problems, ("search",))
        return (), ()
    if not rows:
        return (), ()
    if try_out is not None:
        paths = [".".join(value.keys) for value in rows[0]]
        mistakes.add_all(fixed_mistakes(file, paths))
        barred = [f"{header}: {path}: cannot be swept: {NOT_STUDIED[path]}" for path in paths if path in NOT_STUDIED]
        mistakes.add_lines(barred or row_mistakes(rows, try_out, header), ("search",))
    return axes_of_rows(rows)


def _rows(document: Document, file: SweepFile) -> tuple[Mark | None, Sequence[Point]]:
    """Return where the paths of a list stand, and its rows; none where it has neither file nor rows."""
    if file.search.file is not None:
        return rows_of_file(document, file.search.file)
    rows = rows_in_place(document, file.search.rows) if file.search.rows else []
    return document.mark(("search", "rows")), rows


def _axes(
    document: Document, file: SweepFile, base: Document, tried: Mapping[str, Sequence[Override]], mistakes: Mistakes
) -> tuple[Axis, ...]:
    axes: list[Axis] = []
    for path, entry in file.space.items():
        others = [values[0] for other, values in tried.items() if values and other != path]
        whole = partial(takes_whole_numbers, base, others, path)
        axis, violations = read_axis(path, entry, file.search.method, whole)
        mistakes.add_all(violations, ("space", path))
        if axis is not None:
            axes.append(_settled(axis, document.folder(("space", path))))
    return tuple(axes)


def _settled(axis: Axis, folder: Path) -> Axis:
    if not isinstance(axis, Choices):
        return axis
    return replace(axis, choices=tuple(replace(c, value=settled(axis.path, c.value, folder)) for c in axis.choices))


def _values(axis: Axis, listed: Sequence[Override]) -> Sequence[Override]:
    """Return what a grid takes from an axis; inside a range everything stands where its lower end does."""
    return listed if isinstance(axis, Choices) else [override(axis.path, v, listed[0].marks) for v in axis.grid]


def _few(method: SearchMethod, axes: Sequence[Axis], tried: Mapping[str, Sequence[Override]]) -> list[Point]:
    """Return the points given, else the corners of the space; none where there are too many to check one by one."""
    values = [_values(axis, tried[axis.path]) if method.takes_listed else tried[axis.path] for axis in axes]
    points = list(islice((method.points or product)(*values), MOST_POINTS + 1))
    return points if len(points) <= MOST_POINTS else []

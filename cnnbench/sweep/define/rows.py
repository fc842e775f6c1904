"""The points of method `list`: rows of a CSV file, or mappings in place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import KeyPath, found, shortened
from cnnbench.config.document import Document, Mark
from cnnbench.config.loader import missing, read_text
from cnnbench.config.overrides import Override
from cnnbench.config.yaml_text import parse_value
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.axes import labelled
from cnnbench.sweep.define.documents import marks_at, settled
from cnnbench.sweep.define.space import override
from cnnbench.sweep.define.sweep import Axis, Choices, Values, same

Row = tuple[Override, ...]


def rows_in_place(document: Document, rows: Sequence[dict[str, Any]]) -> list[Row]:
    """Return the points of `search.rows`; raises ConfigError where they do not name the same paths."""
    paths = list(rows[0])
    wrong = [i for i, row in enumerate(rows) if set(row) != set(paths) or not row]
    if wrong:
        message = f"expected a value for each of {', '.join(paths)}, as in the first row"
        message = message if paths else "expected dotted paths with values, found none"
        raise ConfigError(*(document.problem(("search", "rows", i), message) for i in wrong))
    places = [{path: ("search", "rows", i, path) for path in paths} for i in range(len(rows))]
    return [
        tuple(override(path, row[path], marks_at(document, place[path])) for path in paths)
        for row, place in zip(rows, places, strict=True)
    ]


def rows_of_file(document: Document, name: str) -> tuple[Mark, list[Row]]:
    """Return the points of the CSV file that `search.file` names and where its header stands.

    Raises ConfigError with a line per mistake.
    """
    path = document.folder(("search", "file")) / Path(name).expanduser()
    if absent := missing(path):
        expected = absent.replace("a YAML file", "a CSV file")
        raise ConfigError(document.problem(("search", "file"), f"{shortened(name)}: {expected}"))
    lines = _cells(path)
    if not lines:
        raise ConfigError(f"{path}:1: empty; expected a header of dotted paths and a row per trial")
    number, header = lines[0]
    paths = [cell.strip() for cell in header]
    if problems := list(_header_mistakes(paths)):
        raise ConfigError(*(f"{path}:{number}: {problem}" for problem in problems))
    if len(lines) == 1:
        raise ConfigError(f"{path}:{number}: no trials; expected a row per trial below the header")
    rows, problems = _rows(path, paths, lines[1:])
    if problems:
        raise ConfigError(*problems)
    return Mark(str(path), number), rows


def axes_of_rows(rows: Sequence[Row]) -> tuple[tuple[Axis, ...], tuple[Values, ...]]:
    """Return an axis of the different values of each path, and the rows as values."""
    paths = [".".join(each.keys) for each in rows[0]]
    values = [
        {path: settled(path, each.value, _folder(each)) for path, each in zip(paths, row, strict=True)} for row in rows
    ]
    axes = [Choices(path, labelled(_different([row[path] for row in values]))) for path in paths]
    return tuple(axes), tuple(values)


def _folder(value: Override) -> Path:
    return Document(None, value.marks).folder(())


def _different(values: Sequence[Any]) -> list[Any]:
    return [value for i, value in enumerate(values) if not any(same(value, other) for other in values[:i])]


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """Return the cells of each row that is not blank, with the line that it ends on."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as e:
        raise ConfigError(f"{path}:{reader.line_num}: not valid CSV: {e}") from None


def _header_mistakes(paths: Sequence[str]) -> Iterator[str]:
    for i, path in enumerate(paths):
        if not path:
            yield f"column {i + 1} has no name; expected a dotted path such as train.epochs"
        elif paths.index(path) < i:
            yield f"{path}: given twice"


def _rows(path: Path, paths: Sequence[str], lines: Sequence[tuple[int, list[str]]]) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    for number, cells in lines:
        if len(cells) != len(paths):
            problems.append(f"{path}:{number}: expected {len(paths)} cells ({', '.join(paths)}), found {len(cells)}")
            continue
        parsed = [parse_value(cell) for cell in cells]
        problems += [
            f"{path}:{number}: {key}: {problem.message}, found {found(cell)}"
            for key, cell, each in zip(paths, cells, parsed, strict=True)
            for problem in each.problems
        ]
        mark: dict[KeyPath, Mark] = {(): Mark(str(path), number)}
        rows.append(tuple(override(key, each.data, mark) for key, each in zip(paths, parsed, strict=True)))
    return rows, problems

"""Reading tables of text, numbers and truth values: CSV in its dialects, TSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, DataError, MissingData, cause

SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the cells of each row with its place in the file (`line 7`)."""

    header: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Any]]]


def read_table(path: Path) -> Table:
    """Return what a .parquet file holds, or a text file, whose cells are text; rows may be of any length.

    Text is UTF-8, with or without a byte order mark. A .tsv file is separated by tabs, others by what separates the
    most columns of their header. Raises DataError for a file that is no such table, ConfigError without pyarrow.
    """
    return _parquet(path) if path.suffix.lower() == ".parquet" else _text(path)


def _text(path: Path) -> Table:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        byte = f"byte {e.object[e.start]:#04x} at {e.start}"
        raise DataError(f"{path}: not UTF-8 text ({byte}); save it as UTF-8") from None
    except OSError as e:
        raise MissingData(f"{path}: cannot be read ({e.strerror})") from None
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(text)
    rows = list(_rows(path, text, separator))
    if not rows:
        raise DataError(f"{path}: no header, which names the columns")
    return Table([name.strip() for name in rows[0][1]], rows[1:])


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows that are not empty, each with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield f"line {begins}", cells
            begins = reader.line_num + 1
    except csv.Error as e:
        raise DataError(f"{path}: line {begins}: not readable as CSV ({cause(e)})") from None


def _separator(text: str) -> str:
    head = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([head], delimiter=separator), [])))


def _parquet(path: Path) -> Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"{path}: reading Parquet needs pip install 'cnnbench[parquet]'") from None
    try:
        table = parquet.read_table(path)
        columns = [column.to_pylist() for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError) as e:
        raise DataError(f"{path}: not readable as Parquet ({cause(e)})") from None
    return Table(table.column_names, [(f"row {i}", cells) for i, cells in enumerate(zip(*columns, strict=True), 1)])

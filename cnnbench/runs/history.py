"""`history.csv`, a row per epoch, and what else is a table of numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cnnbench.errors import DataError, first_line
from cnnbench.files.checked import read_bytes


def read_history(path: Path) -> list[dict[str, float]]:
    """Return one mapping per epoch, column name to number; empty cells are left out. Raises DataError."""
    return read_numbers(path, "epoch")


def read_numbers(path: Path, *columns: str) -> list[dict[str, float]]:
    """Return the rows of a table of numbers, each of which has these columns, [] where there is none."""
    if not path.exists():
        return []
    try:
        rows = csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8"), newline=""))
        found = [{k: float(v) for k, v in row.items() if v != ""} for row in rows]
    except (ValueError, TypeError, csv.Error) as e:
        raise DataError(f"{path}: not a table of numbers ({first_line(e)})") from None
    if any(column not in row for row in found for column in columns):
        raise DataError(f"{path}: not a table of epochs (one has no {' or no '.join(columns)})")
    return found

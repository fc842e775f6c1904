"""`history.csv`, a row per epoch, and `learning_rate.csv`, of a schedule that moves the rate within epochs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnbench.errors import DataError, first_line
from cnnbench.files.checked import read_bytes
from cnnbench.files.whole import write_csv

COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "true_positives",
    "val_loss",
    "val_accuracy",
    "val_true_positives",
    "learning_rate",
    "seconds",
    "images_per_second",
    "steps",
    "budget_seconds",
)
WHOLE_NUMBERS = ("epoch", "steps", "true_positives", "val_true_positives")


def read_history(path: Path) -> list[dict[str, float]]:
    """Return one mapping per epoch, column name to number; empty cells are left out. Raises DataError."""
    return read_numbers(path, "epoch")


def read_rates(path: Path) -> list[tuple[float, float]]:
    """Return how many epochs had gone and the learning rate, of some steps in order. Raises DataError."""
    return [(row["epoch"], row["learning_rate"]) for row in read_numbers(path, "epoch", "learning_rate")]


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


def write_history(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Write `history.csv`; columns no epoch has are left out."""
    columns = [c for c in COLUMNS if any(c in row for row in history)]
    write_csv(path, columns, ([_cell(c, row[c]) for c in columns] for row in history))


def _cell(column: str, value: float) -> str:
    return str(int(value)) if column in WHOLE_NUMBERS else repr(value)


def write_rates(path: Path, points: Sequence[tuple[float, float]], done: int) -> None:
    """Write `learning_rate.csv`: of `done` epochs what it says already, of the others `points` (epochs gone, rate)."""
    before = [(epoch, rate) for epoch, rate in read_rates(path) if epoch < done]
    now = [(epoch, rate) for epoch, rate in points if not before or epoch >= done]
    write_csv(path, ["epoch", "learning_rate"], [*before, *now])

"""`dead_units.csv`: of each layer with a relu the share of units that were dead after each epoch, where watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnbench.files.whole import write_csv
from cnnbench.runs.history import read_numbers
from cnnbench.training.monitor import DEAD_UNITS


def write_dead_units(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Write a row per epoch and a column per layer, nothing of a training that was not watched; raises OutputError."""
    columns = [name for name in (history[0] if history else ()) if name.startswith(DEAD_UNITS)]
    if columns:
        header = ["epoch", *(name.removeprefix(DEAD_UNITS) for name in columns)]
        write_csv(path, header, ([int(row["epoch"]), *(row[name] for name in columns)] for row in history))


def read_dead_units(path: Path) -> list[dict[str, float]]:
    """Return one mapping per epoch, `epoch` and each layer's name to a share; [] where none were watched.

    Raises DataError.
    """
    return read_numbers(path, "epoch")

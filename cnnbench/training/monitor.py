"""Decisions that follow from the history alone, so that a resumed run decides as the uninterrupted one does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.config.schedules import ReduceLROnPlateau, Schedule
from cnnbench.config.schema import EarlyStopping, Train
from cnnbench.numbers import shortest

Row = dict[str, float]
DEAD_UNITS = "dead_units/"  # and the name of a layer: the share of its units that gave 0 for all watched images


def row_of(epoch: int, logs: Mapping[str, Any]) -> Row:
    """Return the row of an epoch, counted from 0: its numbers as what single precision stands for."""
    return {"epoch": epoch + 1, **{name: shortest(float(value)) for name, value in logs.items()}}


def same(some: Sequence[Row], others: Sequence[Row]) -> bool:
    """Return whether these are the same epochs, by every number."""
    return json.dumps(some) == json.dumps(others)  # as text, for not a number equals itself there


def monitored(train: Train, has_validation: bool) -> str:
    """Return the column that decides which epoch is best."""
    if train.early_stopping is not None:
        return train.early_stopping.monitor
    return "val_loss" if has_validation else "loss"


def is_better(value: float, best: float, monitor: str, min_delta: float) -> bool:
    """Return whether `value` improves on `best` by more than `min_delta`."""
    return value > best + min_delta if monitor.endswith("accuracy") else value < best - min_delta


def best_epoch(rows: Sequence[Row], monitor: str, min_delta: float = 0.0) -> int:
    """Return the 1-based epoch of the best row; the earlier one wins a tie."""
    best = 0
    for i, row in enumerate(rows):
        if is_better(row[monitor], rows[best][monitor], monitor, min_delta):
            best = i
    return best + 1


def has_run_out_of_patience(rows: Sequence[Row], stopping: EarlyStopping | None) -> bool:
    """Return whether the last `patience` epochs brought no improvement."""
    if stopping is None:
        return False
    return len(rows) - best_epoch(rows, stopping.monitor, stopping.min_delta) >= stopping.patience


def plateau_factor(rows: Sequence[Row], schedule: Schedule | None) -> float | None:
    """Return the factor to multiply the learning rate by after the last epoch, or None to leave it.

    The rule is that of Keras' ReduceLROnPlateau, replayed over the whole history.
    """
    if not isinstance(schedule, ReduceLROnPlateau):
        return None
    best, wait, cooldown, reduce = None, 0, 0, False
    for row in rows:
        reduce = False
        if cooldown > 0:
            cooldown, wait = cooldown - 1, 0
        value = row[schedule.monitor]
        if best is None or is_better(value, best, schedule.monitor, schedule.min_delta):
            best, wait = value, 0
        elif cooldown == 0:
            wait += 1
            if wait >= schedule.patience:
                reduce, wait, cooldown = True, 0, schedule.cooldown
    return schedule.factor if reduce else None


def plateau_rate(rows: Sequence[Row], schedule: Schedule | None, rate: float) -> float:
    """Return what a plateau has made of a learning rate after these epochs."""
    for epochs in range(1, len(rows) + 1):
        if (factor := plateau_factor(rows[:epochs], schedule)) is not None:
            rate = lowered(rate, factor, schedule)
    return rate


def lowered(rate: float, factor: float, schedule: Schedule | None) -> float:
    """Return the rate after a plateau."""
    assert isinstance(schedule, ReduceLROnPlateau)
    return max(rate * factor, schedule.min_learning_rate)

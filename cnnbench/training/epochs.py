"""Finished epochs: checkpoint, history file, best epoch, patience and plateau."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.schema import Config
from cnnbench.errors import DataError, TrainingError
from cnnbench.training import checkpoint
from cnnbench.training.course import Keep
from cnnbench.training.monitor import Row, best_epoch, has_run_out_of_patience, lowered, plateau_factor
from cnnbench.training.stages import Stage, stage_at


@dataclass
class Epochs:
    """Keeps finished epochs; `keep` is None in a process that is not the team's chief."""

    config: Config
    keep: Keep | None
    monitor: str
    stages: Sequence[Stage]
    history: list[Row] = field(default_factory=list)
    reason: str = "all epochs done"

    def add(self, model: Any, row: Row) -> bool:
        """Write one epoch down; return whether training is to stop."""
        self.history.append(row)
        _refuse_unusable(row, self.monitor)
        factor = plateau_factor(self.history[self.stage.since :], self.config.train.schedule)
        if factor is not None:
            _lower_rate(model, factor, self.config)
        if self.keep is not None:
            # The last epoch first: whatever else is missing after a kill is made from it again.
            checkpoint.save_last(self.keep.last, model, self.history)
            self.write_the_rest(self.keep, model)
            self.keep.note(len(self.history))
        return self.is_enough()

    def write_the_rest(self, keep: Keep, model: Any) -> None:
        """Write what follows from the state after the last epoch, which `model` is in."""
        if self.best == len(self.history):
            checkpoint.save_best(keep.best, model, self.history)
        keep.write_history(self.history)

    def is_enough(self) -> bool:
        """Return whether patience has run out in the last stage, and note why training ends.

        Stages before it have their epochs: the next one may find what this one does not.
        """
        stopping, last = self.config.train.early_stopping, self.stages[-1]
        if len(self.history) < last.first or not has_run_out_of_patience(self.history[last.first - 1 :], stopping):
            return False
        assert stopping is not None
        if len(self.history) < self.config.train.epochs:
            self.reason = f"{self.monitor} did not improve for {stopping.patience} epochs"
        return True

    @property
    def stage(self) -> Stage:
        """The stage that the last finished epoch is part of."""
        return stage_at(self.stages, len(self.history))

    @property
    def best(self) -> int | None:
        """The best epoch so far."""
        stopping = self.config.train.early_stopping
        min_delta = stopping.min_delta if stopping is not None else 0.0
        return best_epoch(self.history, self.monitor, min_delta) if self.history else None


def _lower_rate(model: Any, factor: float, config: Config) -> None:
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    model.optimizer.learning_rate = lowered(rate, factor, config.train.schedule)


def _refuse_unusable(row: Row, monitor: str) -> None:
    value = row.get(monitor)
    if value is None:
        raise DataError(f"train.early_stopping.monitor: {monitor} needs a validation split (data.validation > 0)")
    if value != value:
        raise TrainingError(f"epoch {row['epoch']:.0f}: {monitor} is nan; a lower learning rate keeps it finite")

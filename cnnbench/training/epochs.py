"""Finished epochs: checkpoint, history file, best epoch, patience and plateau."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cnnbench.config.schedules import Schedule
from cnnbench.config.schema import Config
from cnnbench.errors import DataError, TrainingError
from cnnbench.training import checkpoint
from cnnbench.training.budget import Budget
from cnnbench.training.checkpoint import Arrays
from cnnbench.training.course import Fitted, Keep
from cnnbench.training.monitor import Row, best_epoch, has_run_out_of_patience, plateau_factor, same
from cnnbench.training.stages import Stage, stage_at


class Trainable(Protocol):
    """A network with its optimizer, as far as what keeps epochs has to do with it."""

    def state(self) -> Arrays:
        """Return the values of everything a resumed training needs."""

    def weights_in(self, state: Arrays) -> Arrays:
        """Return those values of `state` to evaluate with."""

    def lower_rate(self, factor: float, schedule: Schedule | None) -> None:
        """Multiply the learning rate, as a plateau asks for."""


@dataclass
class Epochs:
    """Keeps finished epochs; `keep` is None in a process that is not the team's chief.

    `budget` is that of a training whose end is a matter of time.
    """

    config: Config
    keep: Keep | None
    monitor: str
    stages: Sequence[Stage]
    history: list[Row] = field(default_factory=list)
    reason: str = "all epochs done"
    budget: Budget | None = None

    def add(self, trained: Trainable, row: Row) -> bool:
        """Write one epoch down; return whether training is to stop."""
        if self.budget is not None:
            row |= self.budget.end()
        self.history.append(row)
        _refuse_unusable(row, self.monitor)
        factor = plateau_factor(self.history[self.stage.since :], self.config.train.schedule)
        if factor is not None:
            trained.lower_rate(factor, self.config.train.schedule)
        if self.keep is not None:
            if self.budget is not None:
                self.keep.write_rates(self.budget.points, len(self.history) - 1)
            # The last epoch first: whatever else is missing after a kill is made from it again.
            state = trained.state()
            checkpoint.save(self.keep.last, state, self.history)
            self.write_the_rest(self.keep, trained, state)
            self.keep.note(len(self.history))
        return self.is_enough()

    def write_the_rest(self, keep: Keep, trained: Trainable, state: Arrays) -> None:
        """Write what follows from the `state` of `trained` after the last epoch."""
        if self.best == len(self.history):
            checkpoint.save(keep.best, trained.weights_in(state), self.history)
        keep.write_history(self.history)

    def is_enough(self) -> bool:
        """Return whether patience has run out in the last stage, or time, and note why training ends.

        Stages before it have their epochs: the next one may find what this one does not.
        """
        stopping, last = self.config.train.early_stopping, self.stages[-1]
        if len(self.history) < last.first or not has_run_out_of_patience(self.history[last.first - 1 :], stopping):
            return self._has_no_time_left()
        assert stopping is not None
        if len(self.history) < self.config.train.most_epochs:
            self.reason = f"{self.monitor} did not improve for {stopping.patience} epochs"
        return True

    def _has_no_time_left(self) -> bool:
        over = self.budget is not None and self.budget.is_over
        if over:
            self.reason = f"train.budget_minutes: {self.config.train.budget_minutes:g} min are used"
        return over

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

    @property
    def restores_best(self) -> bool:
        """Whether the best epoch's weights are to be kept, once there are any."""
        stopping = self.config.train.early_stopping
        return stopping is not None and stopping.restore_best and self.best is not None

    def refuse_another(self, history: Sequence[Row], path: Path) -> None:
        """Raise DataError where the checkpoint of the best epoch, whose `history` that is, holds other epochs."""
        if not same(history, self.history[: self.best]):
            raise DataError(f"{path}: holds epoch {len(history)} of another course, not epoch {self.best} of this run")

    def fitted(self) -> Fitted:
        """Return how the training ended whose kept weights are in place."""
        best, last = self.best, len(self.history)
        if best is None:
            kept = "an unfinished first epoch"
        else:
            kept = f"epoch {best}, the best by {self.monitor}" if self.restores_best else f"epoch {last}, the last"
        return Fitted(
            history=self.history,
            best_epoch=best,
            kept_epoch=best if self.restores_best else last or None,
            monitor=self.monitor,
            reason=self.reason,
            kept=kept,
            notes=[] if self.budget is None else self.budget.told(self.history),
        )


def untrained(keep: Keep | None) -> Fitted:
    """Return how a training of no epochs ends, before which nothing is left of what was measured."""
    if keep is not None and keep.resume:
        keep.clear()
    return Fitted([], None, None, "", "nothing was trained", "those that were loaded, as they are")


def _refuse_unusable(row: Row, monitor: str) -> None:
    value = row.get(monitor)
    if value is None:
        raise DataError(f"train.early_stopping.monitor: {monitor} needs a validation split (data.validation > 0)")
    if value != value:
        raise TrainingError(f"epoch {row['epoch']:.0f}: {monitor} is nan; a lower learning rate keeps it finite")

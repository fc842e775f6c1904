"""The learning rate step by step, for who watches a training and for its plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schedules import Schedule
from cnnbench.config.schema import Train
from cnnbench.training.plain_schedules import rate_of
from cnnbench.training.stages import Stage

POINTS = 200  # at which a schedule is evaluated; between them the rate is a straight line


@dataclass(frozen=True)
class Rates:
    """A schedule's learning rates, float64 (n,), at some steps of the training, int64 (n,), the first one 0."""

    steps: NDArray[np.int64]
    rates: NDArray[np.float64]

    def at(self, step: int) -> float:
        """Return the rate of a step, counted from 0 over the whole training."""
        return float(np.interp(step, self.steps, self.rates))

    def by_epochs(self, steps_per_epoch: int) -> list[tuple[float, float]]:
        """Return how many epochs have gone and the rate, of each of the steps."""
        return list(zip((self.steps / steps_per_epoch).tolist(), self.rates.tolist(), strict=True))


def rates_of(train: Train, steps_per_epoch: int, stages: Sequence[Stage]) -> Rates | None:
    """Return the rates of a schedule that moves them within epochs, None where it does not, or time decides on them.

    They come from the formulas: a schedule of Keras' is asked operation by operation, which takes as long as a few
    steps of a small network.
    """
    if train.schedule is None or not train.schedule.within_epochs or train.budget_minutes is not None:
        return None
    parts = [_of_stage(train.schedule, steps_per_epoch, stage) for stage in stages]
    return Rates(np.concatenate([part.steps for part in parts]), np.concatenate([part.rates for part in parts]))


def _of_stage(schedule: Schedule, steps_per_epoch: int, stage: Stage) -> Rates:
    """Evaluate a schedule at the first, the last and evenly spread steps of a stage."""
    rate = rate_of(schedule, stage.rate, steps_per_epoch, stage.scheduled)
    first, since, last = (epochs * steps_per_epoch for epochs in (stage.first - 1, stage.since, stage.last))
    steps = np.unique(np.linspace(first, last - 1, min(last - first, POINTS)).round().astype(np.int64))
    return Rates(steps, np.array([rate(step - since) for step in steps.tolist()]))

"""The learning rate step by step, for who watches a training and for its plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Train
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


def rates_of(
    train: Train,
    steps_per_epoch: int,
    stages: Sequence[Stage],
    learning_rate: Callable[[Train, int, Stage], Any],
) -> Rates | None:
    """Return the rates of a schedule that moves them within epochs, None where it does not, or time decides on them.

    `learning_rate` makes of configuration, steps of an epoch and a stage what gives the rate of a step in it.
    """
    if train.schedule is None or not train.schedule.within_epochs or train.budget_minutes is not None:
        return None
    parts = [
        (
            (stage.first - 1) * steps_per_epoch,
            sample(learning_rate(train, steps_per_epoch, stage), (stage.last - stage.first + 1) * steps_per_epoch),
        )
        for stage in stages
    ]
    steps = np.concatenate([begin + part.steps for begin, part in parts])
    return Rates(steps, np.concatenate([part.rates for _, part in parts]))


def sample(schedule: Callable[[int], Any], steps: int) -> Rates:
    """Evaluate a schedule at the first, the last and evenly spread steps."""
    chosen = np.unique(np.linspace(0, steps - 1, min(steps, POINTS)).round().astype(np.int64))
    return Rates(chosen, np.array([float(schedule(int(step))) for step in chosen]))

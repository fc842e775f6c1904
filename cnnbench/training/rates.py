"""The learning rate step by step, for who watches a training and for its plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Train
from cnnbench.files.whole import write_csv
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import read_numbers

POINTS = 200  # at which a schedule is evaluated; between them the rate is a straight line


@dataclass(frozen=True)
class Rates:
    """A schedule's learning rates, float64 (n,), at some steps of the training, int64 (n,), the first one 0."""

    steps: NDArray[np.int64]
    rates: NDArray[np.float64]

    def at(self, step: int) -> float:
        """Return the rate of a step, counted from 0 over the whole training."""
        return float(np.interp(step, self.steps, self.rates))


def rates_of(train: Train, steps_per_epoch: int) -> Rates | None:
    """Return the rates of a schedule that moves them within epochs, None where it does not."""
    from cnnbench.training.compile import learning_rate

    if train.schedule is None or not train.schedule.within_epochs:
        return None
    return sample(learning_rate(train, steps_per_epoch), train.epochs * steps_per_epoch)


def sample(schedule: Callable[[int], object], steps: int) -> Rates:
    """Evaluate a Keras schedule at the first, the last and evenly spread steps."""
    import keras

    chosen = np.unique(np.linspace(0, steps - 1, min(steps, POINTS)).round().astype(np.int64))
    return Rates(chosen, np.array([float(keras.ops.convert_to_numpy(schedule(int(step)))) for step in chosen]))


def write_rates(run: RunDir, rates: Rates, steps_per_epoch: int, done: int) -> None:
    """Write `learning_rate.csv`: of `done` epochs what it says already, of the others the schedule as it is now."""
    before = [row for row in read_numbers(run.learning_rate, "epoch", "learning_rate") if row["epoch"] < done]
    rows = [(row["epoch"], row["learning_rate"]) for row in before]
    now = zip((rates.steps / steps_per_epoch).tolist(), rates.rates.tolist(), strict=True)
    rows += [(epoch, rate) for epoch, rate in now if not before or epoch >= done]
    write_csv(run.learning_rate, ["epoch", "learning_rate"], rows)

"""What is looked at between the steps of a training, whoever computes them: the loss, a signal, the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnbench.errors import TrainingError
from cnnbench.machine.interrupt import StopRequest
from cnnbench.training.budget import Budget
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer, Progress
from cnnbench.training.rates import Rates


class Halt(Exception):
    """Training ends in the middle of an epoch, which is then left out of the result."""


def alone(stop: StopRequest, late: bool) -> tuple[str | None, bool]:
    """Return which signal has come and whether time is up, where nobody else trains along."""
    return stop.signal_name, late


@dataclass
class Watch:
    """Stops on a loss that is not finite, on a signal and on the time limit; tells the observer how far it is.

    `images` are those of an epoch, `rates` the learning rates of a schedule that moves them within epochs. `deadline`
    is on the monotonic clock. Of a training by time `budget` says how far it is. `agree` makes a stop everybody's,
    where several processes train together.
    """

    images: int
    batch_size: int
    epochs: int
    observer: Observer
    stop: StopRequest
    deadline: float | None = None
    agree: Callable[[StopRequest, bool], tuple[str | None, bool]] = alone
    rates: Rates | None = None
    budget: Budget | None = None
    _epoch_seconds: list[float] = field(default_factory=list)
    _val_accuracy: float | None = None

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self.images // self.batch_size)

    def begin(self, epoch: int, rate: float) -> None:
        """Start the clock of an epoch, counted from 0, and note its learning rate."""
        self._epoch, self._rate, self._step = epoch, rate, 0
        self._began = self._last_step = time.perf_counter()

    def after_step(self, step: int, logs: Mapping[str, Any]) -> None:
        """Look at the loss so far, the signal and the clock after a step, counted from 1.

        Raises TrainingError, and Halt that says why.
        """
        loss = float(logs["loss"])
        if not math.isfinite(loss):
            raise TrainingError(
                f"epoch {self._epoch + 1}, step {step}: the loss is {loss}; a lower train.optimizer.learning_rate "
                "or a clipnorm keeps it finite"
            )
        self._last_step, self._step = time.perf_counter(), step
        self.observer.on_step(self._progress(step, logs))
        asked, late = self.agree(self.stop, self.deadline is not None and time.monotonic() > self.deadline)
        if asked:
            raise Halt(f"interrupted by {asked}")
        if late:
            raise Halt("time limit")

    def end(self, val_accuracy: float | None) -> dict[str, float]:
        """Return an epoch's learning rate and speed."""
        self._val_accuracy = val_accuracy
        self._epoch_seconds.append(time.perf_counter() - self._began)
        return {
            "learning_rate": self._rate,
            "seconds": self._epoch_seconds[-1],
            "images_per_second": self._seen(self._step) / (self._last_step - self._began),
        }

    def progress_at_end(self, row: Row) -> Progress:
        """Return where the training is after an epoch."""
        return self._progress(self._step, row)

    def _progress(self, step: int, logs: Mapping[str, Any]) -> Progress:
        elapsed = max(1e-9, self._last_step - self._began)
        return Progress(
            epoch=self._epoch + 1,
            epochs=self.epochs if self.budget is None else self.budget.epochs,
            step=step,
            steps=self.steps,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_accuracy=self._val_accuracy,
            learning_rate=self._rate_at(step),
            images_per_second=self._seen(step) / elapsed,
            seconds_left=self._left(elapsed, step),
        )

    def _seen(self, step: int) -> int:
        return min(step * self.batch_size, self.images)

    def _rate_at(self, step: int) -> float:
        if self.budget is not None and self.budget.rate is not None:
            return self.budget.rate
        return self._rate if self.rates is None else self.rates.at(self._epoch * self.steps + step - 1)

    def _left(self, elapsed: float, step: int) -> float:
        """Estimate from the last epoch, or from this one's steps while there is none (start-up makes that long)."""
        if self.budget is not None:
            return max(0.0, self.budget.seconds - self.budget.used)
        epochs_left = self.epochs - self._epoch - step / self.steps
        whole = self._epoch_seconds[-1] if self._epoch_seconds else elapsed * self.steps / step
        return max(0.0, epochs_left * whole)

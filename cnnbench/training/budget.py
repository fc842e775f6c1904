"""Minutes as the budget of a training: how much of them is gone, which learning rate is due, when an epoch must end.

The first step of a process, in which the network is compiled, is free, as is all before it; from its end on everything
counts: steps, validations, checkpoints. The schedule runs from the beginning of the training to its last step, which
comes so early that there is time left to validate; see `train.budget_minutes`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cnnbench.config.schema import Train
from cnnbench.errors import ConfigError
from cnnbench.text import count, duration
from cnnbench.training.monitor import Row
from cnnbench.training.plain_schedules import rate_of

SHARES = 1_000  # of the budget in which the learning rate moves; each move makes JAX fetch the network's state
SLOWER = 0.1  # weight of a new step in the mean of how long they take
USED, STEPS = "budget_seconds", "steps"  # what rows of the history have of it: seconds in all, steps of the epoch


@dataclass
class Budget:
    """The seconds that a training has in all, and `used` of them by processes before; `steps` are those of an epoch.

    `clock` gives seconds from any moment on. `closing` is about how long an epoch takes after its last step, which the
    epochs correct. `rate_at` gives the learning rate by how many of SHARES parts of the training are gone, None where
    that does not move it. `points` are the rates of the epoch: how many epochs had gone, and the rate from then on.
    """

    seconds: float
    steps: int
    clock: Callable[[], float]
    closing: float = 0.0
    rate_at: Callable[[int], float] | None = None
    used: float = 0.0
    rate: float | None = field(default=None, init=False)
    share: float = field(default=0.0, init=False)
    step: int = field(default=0, init=False)
    points: list[tuple[float, float]] = field(default_factory=list, init=False)
    _epoch: int = field(default=0, init=False)
    _pace: float = field(default=0.0, init=False)
    _read: float | None = field(default=None, init=False)
    _last_step: float = field(default=0.0, init=False)

    def begin(self, epoch: int) -> None:
        """Begin an epoch, counted from 0."""
        if self._read is not None:
            self._tick()
            self.closing = self.used - self._last_step
        self._epoch, self.step, self.rate = epoch, 0, None
        self.points = []
        self._move()

    def after_step(self) -> None:
        """Look at the clock after a step."""
        first, took = self._read is None, self._tick()
        if not first:
            self._pace += (took - self._pace) * (SLOWER if self._pace else 1.0)
        self.step += 1
        self._last_step = self.used
        self._move()

    def end(self) -> Row:
        """End an epoch that is validated; return what its row has of it."""
        self._tick()
        return {STEPS: self.step, USED: self.used}

    @property
    def is_over(self) -> bool:
        """Whether there is no time left for another step and for what comes after it."""
        return self.seconds - self.used < self.closing + self._pace

    def told(self, history: Sequence[Row]) -> list[str]:
        """Return what is worth a note of a training that has ended, and how to come to about the same by steps."""
        if not history:
            return []
        steps = sum(row[STEPS] for row in history)
        epochs = steps / self.steps
        used = f"{duration(history[-1][USED])} of {self.seconds / 60:g} min were used from the end of the first step on"
        by_steps = f"about as long by steps: train.epochs={max(1, round(epochs))}"
        return [
            f"{used}: {count(steps)} steps, {epochs:.2f} epochs",
            f"a training by time does not repeat to the bit; {by_steps}",
        ]

    @property
    def epochs(self) -> int:
        """About how many epochs there will be."""
        begun = self._epoch + 1
        gone = self._epoch + self.step / self.steps
        return begun if self.is_over else max(begun, round(gone / max(self.share, 1 / SHARES)))

    def _tick(self) -> float:
        """Read the clock; return the seconds since it was read last."""
        now = self.clock()
        passed = 0.0 if self._read is None else now - self._read
        self._read = now
        self.used += passed
        return passed

    def _move(self) -> None:
        """Take the learning rate that is due at the next step."""
        end = self._last_step_ends()
        self.share = max(self.share, min(1.0, self.used / end) if end > 0 else 1.0)
        if self.rate_at is None:
            return
        rate = self.rate_at(int(self.share * SHARES))
        if rate != self.rate:
            self.rate = rate
            self.points.append((self._epoch + self.step / self.steps, rate))

    def _last_step_ends(self) -> float:
        """Return after how many seconds the last step ends: that of this epoch where no time for another is left."""
        latest = self.seconds - self.closing
        of_this_epoch = self.used + (self.steps - self.step) * self._pace
        another = of_this_epoch + self.closing + self._pace <= latest
        return latest if another or not self._pace else min(of_this_epoch, latest)


def budget_of(train: Train, steps: int, clock: Callable[[], float], history: Sequence[Row]) -> Budget:
    """Return the budget of a training with `train.budget_minutes` after the epochs of `history`."""
    assert train.budget_minutes is not None
    used = history[-1][USED] if history else 0.0
    return Budget(60 * train.budget_minutes, steps, clock, rate_at=_rate_at(train), used=used)


def refuse_too_short(budget: Budget) -> None:
    """Raise ConfigError where a validation takes all the time there is."""
    if budget.closing >= budget.seconds:
        minutes, needed = budget.seconds / 60, duration(budget.closing)
        raise ConfigError(
            f"train.budget_minutes: {minutes:g} min are too few here: a validation alone takes about {needed}"
        )


def _rate_at(train: Train) -> Callable[[int], float] | None:
    """Return the learning rate by the part of the training that is gone, None where no schedule moves it so."""
    if train.schedule is None or not train.schedule.within_epochs:
        return None
    return rate_of(train.schedule, train.optimizer.arguments["learning_rate"], SHARES, 1)

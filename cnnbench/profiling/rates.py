"""A learning-rate range test, and whether what it suggests learns faster than what is configured.

Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3: the rate rises from step to step of a
short training while its loss is watched. Here it rises by the same factor each step, and the suggestion is the rate at
which the smoothed loss falls fastest over the logarithm of the rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from cnnbench.profiling.clock import LEAST, Spread, values_in_turns
from cnnbench.profiling.found import Ramp, Suggestion

if TYPE_CHECKING:
    from cnnbench.profiling.keras_subject import KerasSubject

FIRST, LAST, STEPS = 1e-6, 10.0, 100
SMOOTHING = 0.9  # of the moving average of the loss, corrected for its beginning
ENDED = 4.0  # times the smallest loss: the rest of the ramp tells nothing
TRIED = 40  # steps of each training that compares two rates
RAMPS = 3


class Trainings:
    """Short trainings of one network from the same first weights, at constant rates."""

    def __init__(self, subject: KerasSubject) -> None:
        config = subject.config
        self._model = subject.compiled(
            config=config.model_copy(update={"train": config.train.model_copy(update={"schedule": None})})
        )
        self._model.optimizer.build(self._model.trainable_variables)
        self._variables = [*self._model.variables, *self._model.optimizer.variables]
        self._first = [np.array(variable) for variable in self._variables]
        self._batches = subject.batches(config.train.batch_size)
        self._finish = subject.finisher(self._batches)
        self._epoch = 0

    def losses(self, rates: Iterator[float]) -> Iterator[tuple[float, float]]:
        """Yield each rate and the loss of its batch before it was learnt from; batches differ from call to call."""
        for variable, value in zip(self._variables, self._first, strict=True):
            variable.assign(value)
        raw = self._batches.raw(self._epoch)
        self._epoch += 1
        for rate in rates:
            self._model.optimizer.learning_rate.assign(rate)
            self._model.reset_metrics()  # or the loss would be a mean over all steps so far
            yield rate, float(self._model.train_on_batch(*self._finish(*next(raw)), return_dict=True)["loss"])


def ramp(trainings: Trainings, deadline: float) -> Ramp | None:
    """Return one range test, None where there was no time for all of it."""
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for step, (rate, loss) in enumerate(trainings.losses(iter(np.geomspace(FIRST, LAST, STEPS).tolist())), start=1):
        if time.monotonic() > deadline:
            return None
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed = mean / (1 - SMOOTHING**step)
        if not np.isfinite(smoothed) or (losses and smoothed > ENDED * min(losses)):
            break
        rates.append(rate)
        losses.append(smoothed)
    return Ramp(rates, losses, steepest(rates, losses))


def steepest(rates: list[float], losses: list[float]) -> float | None:
    """Return the rate at which the loss falls fastest before its minimum, None where it never falls."""
    end = int(np.argmin(losses)) + 1 if losses else 0
    if end < 3:
        return None
    slope = np.gradient(np.array(losses[:end]), np.log(rates[:end]))
    return rates[int(slope.argmin())] if slope.min() < 0 else None


def ramps(trainings: Trainings, deadline: float) -> list[Ramp]:
    """Return as many range tests as there is time for, three at most."""
    found: list[Ramp] = []
    while len(found) < RAMPS and (one := ramp(trainings, deadline)) is not None:
        found.append(one)
    return found


def suggested(found: list[Ramp]) -> float | None:
    """Return the median of what the range tests suggest, in two digits."""
    rates = [one.steepest for one in found if one.steepest is not None]
    return float(f"{np.median(rates):.1e}") if rates else None


def duel(trainings: Trainings, rates: list[float], deadline: float, rounds: int = 2 * LEAST) -> dict[str, Spread]:
    """Return the mean loss of the last quarter of short trainings at each rate, in turns."""

    def trained(rate: float) -> Callable[[], float]:
        def work() -> float:
            losses = [loss for _, loss in trainings.losses(iter([rate] * TRIED))]
            last = float(np.mean(losses[-TRIED // 4 :]))
            return last if np.isfinite(last) else float("inf")

        return work

    return values_in_turns({f"{rate:g}": trained(rate) for rate in rates}, deadline, rounds)


def other_rate(losses: dict[str, Spread], rate: float, configured: float) -> Suggestion | None:
    """Return the suggested rate where short trainings at it end measurably lower than at the configured one."""
    ours, theirs = losses.get(f"{rate:g}"), losses.get(f"{configured:g}")
    if ours is None or theirs is None or not ours.is_below(theirs):
        return None
    return Suggestion(
        f"train.optimizer.learning_rate={rate:g}",
        f"the loss fell fastest there, and after {TRIED} steps at it is {ours.median:.3f} instead of"
        f" {theirs.median:.3f} at {configured:g}",
    )

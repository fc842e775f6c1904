"""The learning rate of each step, as Keras' schedules have it.

`rate` is the optimizer's own, `steps` those of an epoch, `epochs` how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, floor, pi
from typing import Any

from cnnbench.config.schedules import CosineDecay, ExponentialDecay, OneCycle, PolynomialDecay, Schedule, StepDecay

Rate = Callable[[int], float]


def rate_of(schedule: Schedule | None, rate: float, steps: int, epochs: int) -> Rate:
    """Return the rate of a step, counted from 0; one that moves between epochs, or not at all, is constant here."""
    make = _MADE.get(type(schedule))
    return make(schedule, rate, steps, epochs) if make else lambda step: rate


def _step_decay(schedule: StepDecay, rate: float, steps: int, epochs: int) -> Rate:
    """η · factor^k after k of the boundaries, or after k times as many epochs."""
    at, factor = schedule.step_epochs, schedule.factor
    if isinstance(at, list):
        boundaries = [round(epoch * steps) for epoch in at]
        return lambda step: rate * factor ** sum(step >= boundary for boundary in boundaries)
    length = round(at * steps)
    return lambda step: rate * factor ** floor(step / length)


def _exponential(schedule: ExponentialDecay, rate: float, steps: int, epochs: int) -> Rate:
    """η · decay^(t / length)."""
    length = round(schedule.decay_epochs * steps)
    return lambda step: rate * schedule.decay_rate ** (step / length)


def _polynomial(schedule: PolynomialDecay, rate: float, steps: int, epochs: int) -> Rate:
    """(η - end) · (1 - t / T)^power + end."""
    end, power, total = schedule.end_learning_rate, schedule.power, epochs * steps
    return lambda step: (rate - end) * (1 - min(step, total) / total) ** power + end


def _cosine(schedule: CosineDecay, rate: float, steps: int, epochs: int) -> Rate:
    """η · ((1 - α) · (1 + cos(π t / T)) / 2 + α) after a straight warm-up from 0; Loshchilov and Hutter, 2017."""
    total = epochs * steps
    warmup = schedule.warmup(steps, total)
    length = max(1, total - warmup)

    def at(step: int) -> float:
        if step < warmup:
            return rate * step / warmup
        share = min(step - warmup, length) / length
        return rate * ((1 - schedule.alpha) * 0.5 * (1 + cos(pi * share)) + schedule.alpha)

    return at


def _one_cycle(schedule: OneCycle, rate: float, steps: int, epochs: int) -> Rate:
    """Up to η and down by two halves of a cosine; Smith and Topin, 2017, "Super-Convergence", section 3."""
    total = epochs * steps
    top = max(1.0, schedule.peak_fraction * total)

    def at(step: int) -> float:
        if step < top:
            return _between(rate / schedule.start_divisor, rate, step / top)
        return _between(rate, rate / schedule.end_divisor, (step - top) / max(1.0, total - top))

    return at


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1 + cos(pi * min(max(share, 0.0), 1.0)))


_MADE: Mapping[type, Callable[[Any, float, int, int], Rate]] = {
    StepDecay: _step_decay,
    ExponentialDecay: _exponential,
    PolynomialDecay: _polynomial,
    CosineDecay: _cosine,
    OneCycle: _one_cycle,
}

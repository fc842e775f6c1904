"""Learning-rate schedules; lengths given in epochs become steps here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras  # noqa: TID253 - defines a Keras class; reached only once Keras is up
from keras import ops  # noqa: TID253

from cnnbench.config.schedules import CosineDecay, ExponentialDecay, OneCycle, PolynomialDecay, Schedule, StepDecay


@keras.saving.register_keras_serializable(package="cnnbench", name="OneCycle")
class OneCycleRate(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras ships no types
    """One cosine rise to the peak and one cosine fall far below the start.

    Smith and Topin, 2017, "Super-Convergence", section 3, with cosine instead of linear ramps.
    """

    def __init__(
        self, peak: float, total_steps: int, peak_fraction: float, start_divisor: float, end_divisor: float
    ) -> None:
        self.peak = peak
        self.total_steps = total_steps
        self.peak_fraction = peak_fraction
        self.start_divisor = start_divisor
        self.end_divisor = end_divisor

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        step = ops.cast(step, "float32")
        top = max(1.0, self.peak_fraction * self.total_steps)
        rising = _cosine(self.peak / self.start_divisor, self.peak, step / top)
        falling = _cosine(self.peak, self.peak / self.end_divisor, (step - top) / max(1.0, self.total_steps - top))
        return ops.where(step < top, rising, falling)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return dict(vars(self))


@keras.saving.register_keras_serializable(package="cnnbench", name="Later")
class Later(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule that some steps of are gone when the optimizer counts its first one."""

    def __init__(self, schedule: Any, gone: int) -> None:
        self.schedule, self.gone = schedule, gone

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step` of the optimizer."""
        return self.schedule(ops.cast(step, "int32") + self.gone)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "gone": self.gone}


def later(rate: Any, gone: int) -> Any:
    """Return a schedule from its step `gone` on; a constant rate is the same at any step."""
    return Later(rate, gone) if gone and callable(rate) else rate


def _cosine(start: float, end: float, share: Any) -> Any:
    share = ops.clip(share, 0.0, 1.0)
    return end + (start - end) * 0.5 * (1.0 + ops.cos(math.pi * share))


def build_schedule(schedule: Schedule | None, learning_rate: float, steps_per_epoch: int, epochs: int) -> Any:
    """Return a Keras schedule, or the constant rate where callbacks or nobody change it."""
    build = _BUILDERS.get(type(schedule))
    return build(schedule, learning_rate, steps_per_epoch, epochs) if build else learning_rate


def _step(schedule: StepDecay, rate: float, steps: int, epochs: int) -> Any:
    factor, at = schedule.factor, schedule.step_epochs
    if not isinstance(at, list):
        return keras.optimizers.schedules.ExponentialDecay(rate, round(at * steps), factor, staircase=True)
    # Keras' boundaries belong to the old value; an epoch's first step belongs to the new one.
    boundaries = [round(epoch * steps) - 1 for epoch in at]
    values = [rate * factor**i for i in range(len(at) + 1)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


def _exponential(schedule: ExponentialDecay, rate: float, steps: int, epochs: int) -> Any:
    decay_steps = round(schedule.decay_epochs * steps)
    return keras.optimizers.schedules.ExponentialDecay(rate, decay_steps, schedule.decay_rate)


def _polynomial(schedule: PolynomialDecay, rate: float, steps: int, epochs: int) -> Any:
    end, power = schedule.end_learning_rate, schedule.power
    return keras.optimizers.schedules.PolynomialDecay(rate, epochs * steps, end, power)


def _cosine_decay(schedule: CosineDecay, rate: float, steps: int, epochs: int) -> Any:
    total = epochs * steps
    warmup = schedule.warmup(steps, total)
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(rate, total, schedule.alpha)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warmup), schedule.alpha, warmup_target=rate, warmup_steps=warmup
    )


def _one_cycle(schedule: OneCycle, rate: float, steps: int, epochs: int) -> Any:
    return OneCycleRate(rate, epochs * steps, schedule.peak_fraction, schedule.start_divisor, schedule.end_divisor)


_BUILDERS: Mapping[type, Callable[[Any, float, int, int], Any]] = {
    StepDecay: _step,
    ExponentialDecay: _exponential,
    PolynomialDecay: _polynomial,
    CosineDecay: _cosine_decay,
    OneCycle: _one_cycle,
}

"""Learning-rate schedules; lengths given in epochs become steps here."""

from __future__ import annotations

import math
from typing import Any

import keras  # noqa: TID253 - defines a Keras class; reached only once Keras is up
from keras import ops  # noqa: TID253

from cnnbench.config.schema import Schedule


@keras.saving.register_keras_serializable(package="cnnbench")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras ships no types
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


def _cosine(start: float, end: float, share: Any) -> Any:
    share = ops.clip(share, 0.0, 1.0)
    return end + (start - end) * 0.5 * (1.0 + ops.cos(math.pi * share))


def build_schedule(schedule: Schedule | None, learning_rate: float, steps_per_epoch: int, epochs: int) -> Any:
    """Return a Keras schedule, or the constant rate where callbacks or nobody change it."""
    if schedule is None or schedule.name in ("Constant", "ReduceLROnPlateau"):
        return learning_rate
    return _BUILDERS[schedule.name](schedule, learning_rate, steps_per_epoch, epochs)


def _step(schedule: Schedule, rate: float, steps: int, epochs: int) -> Any:
    factor, at = schedule.factor or 0.1, schedule.step_epochs or 10
    if not isinstance(at, list):
        return keras.optimizers.schedules.ExponentialDecay(rate, round(at * steps), factor, staircase=True)
    # Keras' boundaries belong to the old value; an epoch's first step belongs to the new one.
    boundaries = [round(epoch * steps) - 1 for epoch in at]
    values = [rate * factor**i for i in range(len(at) + 1)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


def _exponential(schedule: Schedule, rate: float, steps: int, epochs: int) -> Any:
    decay_steps = round((schedule.decay_epochs or 1) * steps)
    return keras.optimizers.schedules.ExponentialDecay(rate, decay_steps, schedule.decay_rate or 0.9)


def _polynomial(schedule: Schedule, rate: float, steps: int, epochs: int) -> Any:
    end = 0.0 if schedule.end_learning_rate is None else schedule.end_learning_rate
    return keras.optimizers.schedules.PolynomialDecay(rate, epochs * steps, end, schedule.power or 1.0)


def _cosine_decay(schedule: Schedule, rate: float, steps: int, epochs: int) -> Any:
    warmup = round((schedule.warmup_epochs or 0) * steps)
    alpha, total = schedule.alpha or 0.0, epochs * steps
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(rate, total, alpha)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warmup), alpha, warmup_target=rate, warmup_steps=warmup
    )


def _one_cycle(schedule: Schedule, rate: float, steps: int, epochs: int) -> Any:
    return OneCycle(
        rate,
        epochs * steps,
        schedule.peak_fraction or 0.3,
        schedule.start_divisor or 25.0,
        schedule.end_divisor or 10_000.0,
    )


_BUILDERS = {
    "StepDecay": _step,
    "ExponentialDecay": _exponential,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine_decay,
    "OneCycle": _one_cycle,
}

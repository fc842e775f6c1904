"""How the learning rate can move; a class is a schedule with its keys and their defaults.

Lengths are in epochs, fractional ones allowed. `cnnbench.training.schedules` makes Keras' of them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from cnnbench.config.section import BY_NAME, AboveZero, Between, Choice, Fraction, Monitor, NotNegative, Positive


class Schedule(Choice):
    """One of the schedules below."""

    within_epochs: ClassVar[bool] = False  # whether the rate moves from step to step

    @property
    def lengths(self) -> dict[str, float | list[float]]:
        """The keys that are lengths, with their values; a length of 0 is none."""
        return {key: value for key, value in self if key.endswith("_epochs") and value}


class Constant(Schedule):
    """The same rate all the time."""

    name: Literal["Constant"]


class StepDecay(Schedule):
    """Multiplied by a factor after given epochs."""

    name: Literal["StepDecay"]
    step_epochs: AboveZero | Annotated[list[AboveZero], Field(min_length=1)] = 10.0
    factor: Between = 0.1


class ExponentialDecay(Schedule):
    """Multiplied by a factor over and over, smoothly."""

    within_epochs: ClassVar[bool] = True
    name: Literal["ExponentialDecay"]
    decay_epochs: AboveZero = 1.0
    decay_rate: Between = 0.9


class PolynomialDecay(Schedule):
    """Down to an end by a power of the time that is left."""

    within_epochs: ClassVar[bool] = True
    name: Literal["PolynomialDecay"]
    end_learning_rate: NotNegative = 0.0
    power: AboveZero = 1.0


class CosineDecay(Schedule):
    """Down along half a cosine, after a warm-up if wanted."""

    within_epochs: ClassVar[bool] = True
    name: Literal["CosineDecay"]
    warmup_epochs: NotNegative = 0.0
    warmup_fraction: Fraction = 0.0
    alpha: Annotated[float, Field(ge=0, le=1)] = 0.0

    def warmup(self, steps: int, total: int) -> int:
        """Return in how many of `total` steps the rate rises from zero; `steps` are those of an epoch."""
        return round(self.warmup_epochs * steps) or round(self.warmup_fraction * total)


class OneCycle(Schedule):
    """Up to a peak and down to almost nothing."""

    within_epochs: ClassVar[bool] = True
    name: Literal["OneCycle"]
    peak_fraction: Between = 0.3
    start_divisor: Annotated[float, Field(ge=1)] = 25.0
    end_divisor: Annotated[float, Field(ge=1)] = 10_000.0


class ReduceLROnPlateau(Schedule):
    """Lowered when a value has stopped improving."""

    name: Literal["ReduceLROnPlateau"]
    monitor: Monitor = "val_loss"
    factor: Between = 0.1
    patience: Positive = 5
    min_delta: NotNegative = 1e-4
    cooldown: Annotated[int, Field(ge=0)] = 0
    min_learning_rate: NotNegative = 0.0


AnySchedule = Constant | StepDecay | ExponentialDecay | PolynomialDecay | CosineDecay | OneCycle | ReduceLROnPlateau
ByName = Annotated[AnySchedule, Field(discriminator="name", json_schema_extra=BY_NAME)]
SCHEDULES: dict[str, type[Schedule]] = {schedule.called(): schedule for schedule in get_args(AnySchedule)}

"""What can be minimised; a class is the loss that Keras calls so, with its keys and their defaults.

Every loss sees one-hot labels and class probabilities.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from cnnbench.config.section import BY_NAME, Choice, Fraction, NotNegative


class Loss(Choice):
    """One of the losses below."""


class CategoricalCrossentropy(Loss):
    """The usual one: minus the logarithm of the true class's probability."""

    name: Literal["categorical_crossentropy"] = "categorical_crossentropy"
    label_smoothing: Fraction = 0.0


class BinaryCrossentropy(Loss):
    """A yes or no for every class by itself."""

    name: Literal["binary_crossentropy"]
    label_smoothing: Fraction = 0.0


class CategoricalFocalCrossentropy(Loss):
    """Cross-entropy that looks more at hard images."""

    name: Literal["categorical_focal_crossentropy"]
    label_smoothing: Fraction = 0.0
    gamma: NotNegative = 2.0
    alpha: Annotated[float, Field(gt=0, le=1)] = 0.25


class MeanSquaredError(Loss):
    """Squared distance of the probabilities to 0 and 1."""

    name: Literal["mean_squared_error"]


class MeanSquaredLogarithmicError(Loss):
    """Squared distance of their logarithms."""

    name: Literal["mean_squared_logarithmic_error"]


class MeanAbsoluteError(Loss):
    """Distance of the probabilities to 0 and 1."""

    name: Literal["mean_absolute_error"]


AnyLoss = (
    CategoricalCrossentropy
    | BinaryCrossentropy
    | CategoricalFocalCrossentropy
    | MeanSquaredError
    | MeanSquaredLogarithmicError
    | MeanAbsoluteError
)
ByName = Annotated[AnyLoss, Field(discriminator="name", json_schema_extra=BY_NAME)]
LOSSES: dict[str, type[Loss]] = {loss.called(): loss for loss in get_args(AnyLoss)}

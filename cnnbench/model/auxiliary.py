"""Heads that help the lower layers while a network trains, as in Szegedy et al. (2014), section 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras  # noqa: TID253 - defines a Keras model; reached only once Keras is up


@dataclass(frozen=True)
class Head:
    """The probabilities, a Keras tensor (N, classes), that an auxiliary head gives, and what its loss weighs."""

    probabilities: Any
    weight: float


def with_heads(model: Any, heads: Sequence[Head]) -> Any:
    """Return a model to train that shares the layers of a built one and has its heads; the model itself without any."""
    return _Headed(model, heads) if heads else model


class _Headed(keras.Model):  # type: ignore[misc]  # Keras ships no types
    """Adds the heads' losses while training; metrics, and the loss of validation, are of the network alone."""

    def __init__(self, model: Any, heads: Sequence[Head]) -> None:
        super().__init__(model.input, [model.output, *(head.probabilities for head in heads)], name=model.name)
        self._weights_of_heads = tuple(head.weight for head in heads)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the loss of (N, classes) labels: the network's, and while training each head's times its weight."""
        own, *others = y_pred
        loss = super().compute_loss(x, y, own, sample_weight, training)
        if training:
            for weight, probabilities in zip(self._weights_of_heads, others, strict=True):
                loss += weight * self.loss(y, probabilities, sample_weight)
        return loss

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the metrics of the network."""
        return super().compute_metrics(x, y, y_pred[0], sample_weight)

"""What is measured within training steps."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - defines a Keras metric; reached only once Keras is up
from keras import ops  # noqa: TID253


class TruePositives(keras.metrics.Metric):  # type: ignore[misc]  # Keras ships no types
    """How many probabilities above one half are of a class that an image has: Keras' metric in a few operations.

    Labels and probabilities are (N, classes); with weights of images, (N,), the sum of them.
    """

    def __init__(self, name: str = "true_positives") -> None:
        super().__init__(name=name)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        right = ops.logical_and(ops.cast(y_true, "bool"), y_pred > 0.5)
        counts = ops.sum(ops.cast(right, self.dtype), axis=-1)
        if sample_weight is not None:
            counts = counts * ops.cast(ops.reshape(sample_weight, (-1,)), self.dtype)
        self.total.assign_add(ops.sum(counts))

    def result(self) -> Any:
        """Return the number so far: a value of its own, for the variable counts on once the validation begins."""
        return self.total + 0

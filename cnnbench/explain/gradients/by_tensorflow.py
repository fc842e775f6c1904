"""A gradient by TensorFlow's tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf  # noqa: TID253 - reached only where Keras runs on it


def value_and_gradient(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Return f(x) and ∂(Σ f(x))/∂x; see `choose`."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return value, tape.gradient(value, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)

"""What Keras' activations make of numbers, and how steep they are there."""

from __future__ import annotations

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

STEP = 1e-3


def valued(name: str, x: Values) -> Values:
    """Return what an activation makes of numbers, (n,); those that look at a whole vector get each beside a 0."""
    vectors = np.stack([x, np.zeros_like(x)], axis=-1)
    found = keras.ops.convert_to_numpy(keras.activations.get(name)(keras.ops.convert_to_tensor(vectors)))
    return np.asarray(found, np.float64)[:, 0]


def slope(name: str, x: Values) -> Values:
    """Return its derivative at numbers, (n,): the difference of the values half a step to both sides of each."""
    return (valued(name, x + STEP / 2) - valued(name, x - STEP / 2)) / STEP

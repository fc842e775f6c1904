"""Random layers made a function of (seed, epoch): the rule that lets a resumed run repeat the uninterrupted one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def generators_of(layer: Any) -> list[Any]:
    """Return the seed generators of a Keras layer or model and of every layer inside it, in a fixed order."""
    import keras

    inside = layer._flatten_layers(include_self=True, recursive=True)
    found = [v for one in inside for v in vars(one).values() if isinstance(v, keras.random.SeedGenerator)]
    return list({id(generator): generator for generator in found}.values())


def states(count: int, *key: int) -> NDArray[np.int64]:
    """Return one generator state per row, shape (count, 2), drawn from `key`; the counters start at 0."""
    result = np.zeros((count, 2), np.int64)
    # Backends differ in the sign of their seed dtype; 31 bits suit them all.
    result[:, 0] = np.random.SeedSequence(key).generate_state(max(1, count))[:count] >> 1
    return result

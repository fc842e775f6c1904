"""The end of `cnnbench.data.pipeline`'s batches as one function that JAX has compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax  # noqa: TID253 - reached only when JAX is the backend
import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np


def compiled(finish: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """Return `finish` compiled, once for each size of a batch: step by step, the layers of an augmentation keep a GPU
    waiting for Python.

    The states of the random layers, which `finish` writes from its seeds, live no longer than a call.
    """

    def stateless(images: Any, labels: Any, seeds: Any) -> tuple[Any, ...]:
        with keras.StatelessScope():
            return finish(images, labels, seeds)

    traced = jax.jit(stateless)
    # JAX has no integers of 64 bits; a state has 32 and no sign.
    return lambda images, labels, seeds: traced(images, labels, seeds.astype(np.uint32))

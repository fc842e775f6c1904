"""Keras' dtype policy while a network is built and trained: it is global, and layers take what it is at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def built_in(policy: str) -> Iterator[None]:
    """Build in a precision of `train.precision`, in float32 where it is `auto`, and leave the policy as it was."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if policy == "auto" else policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)

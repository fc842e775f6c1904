"""Networks of keras.applications, for what the language of layers cannot say."""

from __future__ import annotations

import inspect
import random
from typing import Any

import keras  # noqa: TID253 - only imported once a network is built


def application(network: str, input_shape: tuple[int, ...], pooling: str = "avg", seed: int = 0, name: str = "") -> Any:
    """Return one without its last layer and without weights from elsewhere: maps (N, H, W, C) to vectors.

    `input_shape` is (H, W, C). Preprocessing inside it is left out: that of the network around it counts. Keras draws
    the seeds of its initializers with Python's generator, which is left as it was. Raises ValueError where Keras cannot
    build it for these images.
    """
    function = getattr(keras.applications, network)
    own = {"include_preprocessing": False} if "include_preprocessing" in inspect.signature(function).parameters else {}
    state = random.getstate()
    random.seed(seed)
    try:
        made = function(include_top=False, weights=None, input_shape=input_shape, pooling=pooling, **own)
    finally:
        random.setstate(state)
    if name:
        made.name = name  # only now: Keras takes some of their sizes from the name
    return made

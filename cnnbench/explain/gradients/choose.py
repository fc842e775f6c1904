"""The gradient of what a Keras network computes, on the backend that Keras runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Function = Callable[[Any], Any]

# A file each, so that only the framework that is there is imported.
_BACKENDS: Mapping[str, str] = {
    name: f"cnnbench.explain.gradients.by_{name}" for name in ("tensorflow", "jax", "torch")
}


def value_and_gradient(function: Function, x: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return y = f(x), shape (n,), and ∂(Σ y)/∂x, of x's shape; f takes and gives tensors of the backend.

    Where an image's y depends on that image alone, the gradient of each image is that of its own y.
    """
    backend = import_module(_BACKENDS[keras.backend.backend()])
    value, gradient = backend.value_and_gradient(function, keras.ops.convert_to_tensor(x, "float32"))
    return _as_floats(value), _as_floats(gradient)


def _as_floats(tensor: Any) -> Floats:
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")), np.float32)

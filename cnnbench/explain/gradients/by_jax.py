"""A gradient by JAX's reverse mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax  # noqa: TID253 - reached only where Keras runs on it
from jax import numpy as jnp  # noqa: TID253


def value_and_gradient(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Return f(x) and ∂(Σ f(x))/∂x; see `choose`."""
    value, back = jax.vjp(function, x)
    (gradient,) = back(jnp.ones_like(value))
    return value, gradient

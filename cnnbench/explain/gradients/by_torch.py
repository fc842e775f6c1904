"""A gradient by PyTorch's autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch  # noqa: TID253 - reached only where Keras runs on it


def value_and_gradient(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Return f(x) and ∂(Σ f(x))/∂x; see `choose`."""
    watched = x.detach().requires_grad_(True)
    value = function(watched)
    (gradient,) = torch.autograd.grad(value.sum(), watched, allow_unused=True)
    return value.detach(), torch.zeros_like(watched) if gradient is None else gradient

"""What every layer does: forwards for what it makes of its input, backwards for gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Arrays = dict[str, Array]


class Layer:
    """A layer y = f(x; w) of a network whose loss is L; the first axis of x and y is that of the images.

    `weights` are learnt, `statistics` are kept beside them and are not; `gradients` has ∂L/∂w of each weight after
    `backward`.
    """

    def __init__(self, weights: Mapping[str, Array] | None = None) -> None:
        self.weights: Arrays = dict(weights or {})
        self.statistics: Arrays = {}
        self.gradients: Arrays = {}

    def forward(self, x: Array, training: bool = False) -> Array:
        """Return y, and keep what the way back needs."""
        raise NotImplementedError

    def weight_gradients(self, gradient: Array) -> Arrays:
        """Return ∂L/∂w of each weight, given ∂L/∂y."""
        return {}

    def input_gradient(self, gradient: Array) -> Array:
        """Return ∂L/∂x, given ∂L/∂y."""
        raise NotImplementedError

    def backward(self, gradient: Array, wanted: bool = True) -> Array:
        """Take ∂L/∂y down to the weights and return ∂L/∂x; where that is not `wanted`, what is returned is nothing."""
        self.gradients = self.weight_gradients(gradient)
        return self.input_gradient(gradient) if wanted else gradient

    def begin_epoch(self, draws: Generator) -> None:
        """Draw from `draws` until the next epoch, where anything is drawn."""

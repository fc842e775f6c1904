"""Activations: y = f(x) value by value, and softmax, in which every value of an image has to do with all others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnbench.learners.numpy.layer import Array, Layer


class _ByValue(Layer):
    """A function f of each value, with ∂L/∂x = ∂L/∂y · f'(x)."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """Apply the function."""
        self._x, self._y = x, self.function(x)
        return self._y

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x = ∂L/∂y · f'(x)."""
        return gradient * self.derivative(self._x, self._y)

    def function(self, x: Array) -> Array:
        """Return f(x)."""
        raise NotImplementedError

    def derivative(self, x: Array, y: Array) -> Array:
        """Return f'(x), where y = f(x) is at hand."""
        raise NotImplementedError


class ReLU(_ByValue):
    """f(x) = min(x, largest) for x > 0, else slope · x. LeakyReLU has a slope; `largest` is infinite where none."""

    def __init__(self, slope: float = 0.0, largest: float | None = None) -> None:
        super().__init__()
        self._slope, self._largest = slope, largest

    def function(self, x: Array) -> Array:
        """Keep what is above zero."""
        y: Array = np.where(x > 0, x, x * self._slope) if self._slope else np.maximum(x, 0)
        return y if self._largest is None else np.minimum(y, self._largest)

    def derivative(self, x: Array, y: Array) -> Array:
        """f'(x) = 1 for 0 < x < largest, slope below, and 0 beyond."""
        rising = x > 0 if self._largest is None else (x > 0) & (x < self._largest)
        return np.where(x > 0, rising, self._slope).astype(x.dtype) if self._slope else rising.astype(x.dtype)


class Tanh(_ByValue):
    """f(x) = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)."""

    def function(self, x: Array) -> Array:
        """Press each value between -1 and 1."""
        y: Array = np.tanh(x)
        return y

    def derivative(self, x: Array, y: Array) -> Array:
        """f'(x) = 1 - f(x)²."""
        return 1 - y * y


class Sigmoid(_ByValue):
    """f(x) = 1 / (1 + e⁻ˣ) = (1 + tanh(x / 2)) / 2, which no x is too large for."""

    def function(self, x: Array) -> Array:
        """Press each value between 0 and 1."""
        y: Array = (1 + np.tanh(x / 2)) / 2
        return y

    def derivative(self, x: Array, y: Array) -> Array:
        """f'(x) = f(x) · (1 - f(x))."""
        return y * (1 - y)


class Softmax(Layer):
    """y[k] = e^x[k] / Σ_l e^x[l] over the last axis; the same for x less its maximum, which no value is too large for.

    Before a cross-entropy, ∂L/∂y[k] = -t[k] / y[k], the two gradients together are ∂L/∂x = y - t.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        """Make shares of the values."""
        powers: Array = np.exp(x - x.max(axis=-1, keepdims=True))
        y: Array = powers / powers.sum(axis=-1, keepdims=True)
        self._y = y
        return y

    def input_gradient(self, gradient: Array) -> Array:
        """∂y[k]/∂x[l] = y[k] · (δ_kl - y[l]), so ∂L/∂x[l] = y[l] · (∂L/∂y[l] - Σ_k ∂L/∂y[k] · y[k])."""
        along = (gradient * self._y).sum(axis=-1, keepdims=True)
        back: Array = self._y * (gradient - along)
        return back


KERAS_SLOPE = 0.2  # of the function leaky_relu, where the layer LeakyReLU has 0.3

ACTIVATIONS: dict[str, Callable[[], Layer]] = {
    "relu": ReLU,
    "leaky_relu": lambda: ReLU(KERAS_SLOPE),
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "softmax": Softmax,
}

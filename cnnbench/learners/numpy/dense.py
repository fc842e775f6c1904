"""Layers without a window: dense, flatten, padding by zeros, dropout."""

from __future__ import annotations

from math import prod

from numpy.random import Generator

from cnnbench.learners.numpy.layer import Array, Arrays, Layer
from cnnbench.learners.numpy.windows import Padding, pad, unpad


class Dense(Layer):
    """y = x w + b: y[n,u] = b[u] + Σ_v x[n,v] · w[v,u]."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """Multiply each image's vector by the kernel and add the bias."""
        self._x = x
        y: Array = x @ self.weights["kernel"]
        return y + self.weights["bias"] if "bias" in self.weights else y

    def weight_gradients(self, gradient: Array) -> Arrays:
        """∂L/∂w = xᵀ ∂L/∂y and ∂L/∂b = Σ_n ∂L/∂y[n]."""
        x, of_units = (values.reshape(-1, values.shape[-1]) for values in (self._x, gradient))
        bias = {"bias": of_units.sum(axis=0)} if "bias" in self.weights else {}
        return {"kernel": x.T @ of_units, **bias}

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x = ∂L/∂y wᵀ."""
        back: Array = gradient @ self.weights["kernel"].T
        return back


class Flatten(Layer):
    """y is x as a vector: (n, height · width · channels), channels fastest."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """Put all values of an image in a row."""
        self._shape = x.shape
        return x.reshape(len(x), prod(x.shape[1:]))

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x has the values of ∂L/∂y in their old places."""
        return gradient.reshape(self._shape)


class ZeroPadding(Layer):
    """y is x in a border of zeros."""

    def __init__(self, padding: Padding) -> None:
        super().__init__()
        self._padding = padding

    def forward(self, x: Array, training: bool = False) -> Array:
        """Put the border around each image."""
        return pad(x, self._padding)

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x is ∂L/∂y without the border, whose values nothing made."""
        return unpad(gradient, self._padding)


class Dropout(Layer):
    """y = x · m / (1 - rate) in training, each m[i] 0 with probability `rate` and else 1; y = x otherwise.

    Divided, so that the expected value of y is x; Srivastava et al., 2014, "Dropout", section 10.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    def begin_epoch(self, draws: Generator) -> None:
        """Take what the masks of an epoch are drawn from."""
        self._draws = draws

    def forward(self, x: Array, training: bool = False) -> Array:
        """Draw a mask for this batch and apply it."""
        self._factor = None
        if not training or not self._rate:
            return x
        kept = self._draws.random(x.shape, "float32") >= self._rate
        self._factor = kept.astype(x.dtype) / (1 - self._rate)
        return x * self._factor

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x = ∂L/∂y · m / (1 - rate): what was left out learns nothing."""
        return gradient if self._factor is None else gradient * self._factor

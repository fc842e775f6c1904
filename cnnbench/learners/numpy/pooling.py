"""Pooling: windows become one value each, and the way back routes what that value is told to where it came from."""

from __future__ import annotations

import numpy as np

from cnnbench.learners.numpy.layer import Array, Layer
from cnnbench.learners.numpy.windows import Pair, pad, padding, unpad, views


class _Pooling(Layer):
    """Windows of `size` every `strides` pixels."""

    def __init__(self, size: Pair, strides: Pair, mode: str) -> None:
        super().__init__()
        self._size, self._strides, self._mode = size, strides, mode

    def _padded(self, x: Array, value: float) -> Array:
        self._padding = padding(x.shape, self._size, self._strides, self._mode)
        return pad(x, self._padding, value)

    def _views(self, x: Array) -> list[Array]:
        return list(views(x, self._size, self._strides))


class MaxPooling(_Pooling):
    """y[n,i,j,c] = max_ab x[n, s·i+a, s·j+b, c]; a border counts for nothing."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """Take the largest of each window."""
        self._x = self._padded(x, -np.inf)
        first, *others = self._views(self._x)
        self._y = first.copy()
        for view in others:
            np.maximum(self._y, view, out=self._y)
        return self._y

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x[u] = Σ of ∂L/∂y of the windows whose maximum x[u] is: all of it goes there, the others get nothing.

        Of equal maxima the first one of the window gets it. Where windows overlap, a pixel may get several.
        """
        routed = np.zeros_like(self._x)
        waiting = np.ones(self._y.shape, bool)
        for view, there in zip(self._views(self._x), self._views(routed), strict=True):
            here = waiting & (view == self._y)
            there += gradient * here
            waiting &= ~here
        return unpad(routed, self._padding)


class AveragePooling(_Pooling):
    """y[n,i,j,c] = Σ_ab x[n, s·i+a, s·j+b, c] / |window|; a border counts for nothing, also not in |window|."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """Take the mean of each window."""
        self._shape = (padded := self._padded(x, 0.0)).shape
        inside = pad(np.ones((1, *x.shape[1:3], 1), x.dtype), self._padding)
        self._count: Array = np.sum(self._views(inside), axis=0)
        y: Array = np.sum(self._views(padded), axis=0)
        mean: Array = y / self._count
        return mean

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x[u] = Σ of ∂L/∂y / |window| of the windows that x[u] is in: each pixel gets the same share."""
        routed, share = np.zeros(self._shape, gradient.dtype), gradient / self._count
        for there in self._views(routed):
            there += share
        return unpad(routed, self._padding)


class GlobalAveragePooling(Layer):
    """y[n,c] = Σ_uv x[n,u,v,c] / (height · width); `keep` leaves axes of length 1."""

    def __init__(self, keep: bool = False) -> None:
        super().__init__()
        self._keep = keep

    def forward(self, x: Array, training: bool = False) -> Array:
        """Take the mean of each map."""
        self._shape = x.shape
        y: Array = x.mean(axis=(1, 2), keepdims=self._keep)
        return y

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x[n,u,v,c] = ∂L/∂y[n,c] / (height · width)."""
        n, height, width, channels = self._shape
        share = gradient.reshape(n, 1, 1, channels) / (height * width)
        return np.broadcast_to(share, self._shape)


class GlobalMaxPooling(Layer):
    """y[n,c] = max_uv x[n,u,v,c]; `keep` leaves axes of length 1."""

    def __init__(self, keep: bool = False) -> None:
        super().__init__()
        self._keep = keep

    def forward(self, x: Array, training: bool = False) -> Array:
        """Take the largest of each map."""
        y: Array = x.max(axis=(1, 2), keepdims=True)
        self._largest = x == y
        return y if self._keep else y[:, 0, 0]

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x[u] = ∂L/∂y where x[u] is the maximum, shared by equal maxima, and nothing elsewhere."""
        n, _, _, channels = self._largest.shape
        shared = gradient.reshape(n, 1, 1, channels) / self._largest.sum(axis=(1, 2), keepdims=True)
        routed: Array = (shared * self._largest).astype(gradient.dtype)
        return routed

"""Convolution as one product of matrices, forwards and backwards.

Images are (n, height, width, channels), kernels (a, b, channels, filters). As everywhere in deep learning, what is
called a convolution does not flip its kernel; the flip is on the way back.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnbench.learners.numpy.layer import Array, Arrays, Layer
from cnnbench.learners.numpy.windows import Pair, pad, padding, unpad


def patches(x: Array, size: Pair, strides: Pair) -> Array:
    """Return what the kernel covers at each of its places, a row each: (n·places, a·b·channels), "im2col"."""
    windows = sliding_window_view(x, size, axis=(1, 2))[:, :: strides[0], :: strides[1]]  # (n, i, j, c, a, b)
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size[0] * size[1] * x.shape[3])


def places(x: Array, size: Pair, strides: Pair) -> Pair:
    """Return how often a kernel fits into padded images, down and across."""
    return (x.shape[1] - size[0]) // strides[0] + 1, (x.shape[2] - size[1]) // strides[1] + 1


def correlate(x: Array, kernel: Array, strides: Pair = (1, 1), groups: int = 1) -> Array:
    """Slide a kernel over padded images: y[n,i,j,f] = Σ_abc x[n, s·i+a, s·j+b, c] · w[a,b,c,f].

    With groups, each part of the filters sees its part of the channels alone.
    """
    if groups > 1:
        parts = zip(np.split(x, groups, axis=3), np.split(kernel, groups, axis=3), strict=True)
        return np.concatenate([correlate(part, of_part, strides) for part, of_part in parts], axis=3)
    size, filters = (kernel.shape[0], kernel.shape[1]), kernel.shape[3]
    y: Array = patches(x, size, strides) @ kernel.reshape(-1, filters)
    return y.reshape(len(x), *places(x, size, strides), filters)


class Convolution(Layer):
    """y = x ∗ w + b, w of (a, b, channels / groups, filters).

    y[n,i,j,f] = b[f] + Σ_abc x[n, s·i+a-p, s·j+b-p, c] · w[a,b,c,f], with stride s and padding p.
    """

    def __init__(self, weights: Mapping[str, Array], strides: Pair, mode: str, groups: int) -> None:
        super().__init__(weights)
        self._strides, self._mode, self._groups = strides, mode, groups
        self._size = weights["kernel"].shape[0], weights["kernel"].shape[1]

    def forward(self, x: Array, training: bool = False) -> Array:
        """Pad, slide the kernel over the images and add the bias of each filter."""
        self._padding = padding(x.shape, self._size, self._strides, self._mode)
        self._x = pad(x, self._padding)
        y = correlate(self._x, self.weights["kernel"], self._strides, self._groups)
        return y + self.weights["bias"] if "bias" in self.weights else y

    def weight_gradients(self, gradient: Array) -> Arrays:
        """∂L/∂w[a,b,c,f] = Σ_nij x[n, s·i+a, s·j+b, c] · ∂L/∂y[n,i,j,f]: each weight met each of these values once.

        ∂L/∂b[f] = Σ_nij ∂L/∂y[n,i,j,f].
        """
        parts = zip(np.split(self._x, self._groups, axis=3), np.split(gradient, self._groups, axis=3), strict=True)
        kernels = [self._kernel_gradient(x, of_part) for x, of_part in parts]
        bias = {"bias": gradient.sum(axis=(0, 1, 2))} if "bias" in self.weights else {}
        return {"kernel": np.concatenate(kernels, axis=3), **bias}

    def _kernel_gradient(self, x: Array, gradient: Array) -> Array:
        filters = gradient.shape[3]
        product: Array = patches(x, self._size, self._strides).T @ gradient.reshape(-1, filters)
        return product.reshape(*self._size, x.shape[3], filters)

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x is a convolution too: of ∂L/∂y, spread by the stride and padded by a-1, with the flipped kernel.

        x[u] goes into y[i] by w[u - s·i], so ∂L/∂x[n,u,v,c] = Σ_ijf ∂L/∂y[n,i,j,f] · w[u-s·i, v-s·j, c, f]. With a' =
        a-1-(u-s·i) that is a sum over a kernel that is read from its end, channels and filters in each other's place.
        """
        full = correlate(self._spread(gradient), flipped(self.weights["kernel"], self._groups), groups=self._groups)
        return unpad(full, self._padding)

    def _spread(self, gradient: Array) -> Array:
        """Return ∂L/∂y with s-1 zeros between its values, and as many around it as let the kernel reach all of x."""
        (a, b), (down, across) = self._size, self._strides
        n, height, width, _ = self._x.shape
        spread = np.zeros((n, height + a - 1, width + b - 1, gradient.shape[3]), gradient.dtype)
        rows, columns = gradient.shape[1:3]
        spread[:, a - 1 : a + down * (rows - 1) : down, b - 1 : b + across * (columns - 1) : across] = gradient
        return spread


def flipped(kernel: Array, groups: int = 1) -> Array:
    """Return the kernel read from its end in both directions, from filters to channels: (a, b, filters, channels)."""
    parts = np.split(kernel[::-1, ::-1], groups, axis=3)
    return np.concatenate([part.transpose(0, 1, 3, 2) for part in parts], axis=3)

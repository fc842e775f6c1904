"""Where a kernel or a pool goes over images (n, height, width, channels): padding, and views by place in the window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cnnbench.learners.numpy.layer import Array

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]  # rows above and below, columns left and right


def padding(shape: tuple[int, ...], size: Pair, strides: Pair, mode: str) -> Padding:
    """Return the padding of a mode: none where it is valid; where it is same, y has ⌈height / s⌉ rows.

    The odd one is below and on the right, as in TensorFlow.
    """
    if mode == "valid":
        return (0, 0), (0, 0)
    return _same(shape[1], size[0], strides[0]), _same(shape[2], size[1], strides[1])


def _same(length: int, size: int, stride: int) -> Pair:
    needed = max((-(-length // stride) - 1) * stride + size - length, 0)
    return needed // 2, needed - needed // 2


def pad(x: Array, padding: Padding, value: float = 0.0) -> Array:
    """Return images with a border of one value."""
    (top, bottom), (left, right) = padding
    if padding == ((0, 0), (0, 0)):
        return x
    n, height, width, channels = x.shape
    padded = np.full((n, top + height + bottom, left + width + right, channels), value, x.dtype)
    padded[:, top : top + height, left : left + width] = x
    return padded


def unpad(x: Array, padding: Padding) -> Array:
    """Return images without their border."""
    (top, bottom), (left, right) = padding
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]


def views(x: Array, size: Pair, strides: Pair) -> Iterator[Array]:
    """Yield, for each place in the window, the pixels of all windows there: (n, windows down, across, channels)."""
    rows, columns = (x.shape[1] - size[0]) // strides[0], (x.shape[2] - size[1]) // strides[1]
    for a in range(size[0]):
        for b in range(size[1]):
            yield x[:, a : a + rows * strides[0] + 1 : strides[0], b : b + columns * strides[1] + 1 : strides[1]]

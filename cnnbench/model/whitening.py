"""Kernels of `PatchWhitening` layers, from the patches that training images bring before them."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pipeline import evaluation_batch_size
from cnnbench.data.types import Split
from cnnbench.model.layers import PatchWhitening

IMAGES = 2_000  # evenly spread over the split: two million patches of 32x32 pixels tell the covariance of a few values


def whiten(model: Any, split: Split) -> None:
    """Set the kernels of each whitening layer of a built network, the first one first, from images of a split."""
    for layer in model.layers:
        if isinstance(layer, PatchWhitening) and len(split):
            layer.kernel.assign(whitening(_covariance(model, layer, split), layer.epsilon).reshape(layer.kernel.shape))


def whitening(covariance: NDArray[np.float64], epsilon: float) -> NDArray[np.float32]:
    """Return the kernels, one per column, for the covariance of a patch's d values, (d, d) to (d, 2d).

    Those of the largest variance come first; of the two directions of each the one whose largest value is positive,
    then all of them again with the other sign.
    """
    variances, vectors = np.linalg.eigh(covariance)
    directions = vectors[:, ::-1] / np.sqrt(np.maximum(variances[::-1], 0) + epsilon)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=0)[None], axis=0)
    directions = directions * np.sign(largest)
    return np.concatenate([directions, -directions], axis=1).astype(np.float32)


def _covariance(model: Any, layer: PatchWhitening, split: Split) -> NDArray[np.float64]:
    """Return the covariance of the values of all patches that reach a layer, (height x width x channels) squared."""
    before = keras.Model(model.input, layer.input)
    chosen = np.unique(np.linspace(0, len(split) - 1, min(len(split), IMAGES)).round().astype(np.int64))
    batch, number = evaluation_batch_size(split.store.shape), 0
    total, products = np.zeros(1), np.zeros((1, 1))
    for start in range(0, len(chosen), batch):
        images = split.images(chosen[start : start + batch]).astype(np.float32)
        maps = np.asarray(keras.ops.convert_to_numpy(before(images, training=False)), np.float32)
        patches = _patches(maps, layer.kernel_size)
        number += len(patches)
        total = total + patches.sum(axis=0, dtype=np.float64)
        products = products + (patches.T @ patches).astype(np.float64)
    return products / number - np.outer(total, total) / number**2


def _patches(maps: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Return every patch of maps (N, H, W, C) as a row of height x width x C values."""
    windows = np.lib.stride_tricks.sliding_window_view(maps, size, axis=(1, 2))  # (N, H, W, C, height, width)
    return np.moveaxis(windows, 3, -1).reshape(-1, size[0] * size[1] * maps.shape[-1])

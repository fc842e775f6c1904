"""Class probabilities from a trained model, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pipeline import evaluation_batch_size
from cnnbench.data.types import Images, Split

AT_ONCE = 64  # fewer than in validation: every batch is filled up, so one file to classify costs a whole batch


def batch_size(shape: tuple[int, int, int]) -> int:
    """Return how many images of `shape` (H, W, C) go through the network at once."""
    return min(AT_ONCE, evaluation_batch_size(shape))


def predict_split(model: Any, split: Split) -> NDArray[np.float32]:
    """Return class probabilities of every image of a split, shape (n, classes)."""
    size = batch_size(split.store.shape)
    return predict_batches(model, (split.images(at) for at in _slices(len(split), size)), size)


def predict_images(model: Any, images: Images) -> NDArray[np.float32]:
    """Return class probabilities of images (n, H, W, C) with pixel values 0..255, shape (n, classes)."""
    size = batch_size(model.input_shape[1:])
    return predict_batches(model, (images[at] for at in _slices(len(images), size)), size)


def predict_batches(model: Any, batches: Iterator[Images], size: int) -> NDArray[np.float32]:
    """Return class probabilities of all batches, one after the other.

    Every batch is filled up to `size`, so that an image's probabilities do not depend on its neighbours'
    number (kernels differ with the batch size, in the last bits).
    """
    parts = [_predict(model, batch, size) for batch in batches]
    return np.concatenate(parts) if parts else np.zeros((0, model.output_shape[-1]), np.float32)


def _predict(model: Any, images: Images, size: int) -> NDArray[np.float32]:
    full = np.zeros((size, *images.shape[1:]), np.float32)
    full[: len(images)] = images
    return np.asarray(model.predict_on_batch(full), np.float32)[: len(images)]


def _slices(count: int, size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))

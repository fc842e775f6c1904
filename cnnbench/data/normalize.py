"""Normalisation: constants per channel that become the first layer of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Constants
from cnnbench.data.chunks import chunks
from cnnbench.data.types import Split
from cnnbench.errors import ConfigError, DataError

# Statistics of ImageNet's training images on the 0..1 scale, as torchvision's and Keras' networks use them.
IMAGENET = Constants(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


@dataclass(frozen=True)
class Normalization:
    """pixel * scale + offset per channel, pixel values 0..255."""

    scale: tuple[float, ...]
    offset: tuple[float, ...]


def measure(normalize: str | Constants, split: Split) -> Normalization:
    """Return the normalisation `data.normalize` asks for; `standardize` reads every image of `split` once.

    Raises ConfigError where constants do not fit the number of channels, DataError where there is no image.
    """
    channels = split.store.shape[2]
    if normalize == "none":
        return Normalization((1.0,) * channels, (0.0,) * channels)
    if normalize == "unit":
        return Normalization((1 / 255,) * channels, (0.0,) * channels)
    if normalize == "standardize":
        mean, std = statistics(split)
        return _normalization(mean, std)
    constants = IMAGENET if isinstance(normalize, str) else normalize
    return _normalization(_per_channel(constants.mean, channels), _per_channel(constants.std, channels))


def statistics(split: Split) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation per channel over all pixels of a split, on the 0..255 scale.

    Images are read in chunks; sums of 8-bit images are integers, so their order does not matter.
    A channel that never changes has standard deviation 0.
    """
    if not len(split):
        raise DataError("data.normalize: standardize needs training images, and there are none")
    height, width, channels = split.store.shape
    total = np.zeros((2, height, width, channels), np.float64)
    for positions in chunks(len(split), split.store.shape):
        total += _sums(split.images(positions))
    first, second = total.sum(axis=(1, 2)) / (len(split) * height * width)
    return first, np.sqrt(np.maximum(second - first**2, 0))


def _sums(images: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sums of pixels and of their squares over the first axis, shape (2, H, W, C)."""
    if images.dtype != np.uint8:
        return np.stack([images.sum(axis=0, dtype=np.float64), np.square(images, dtype=np.float64).sum(axis=0)])
    squares = np.square(images, dtype=np.uint16)  # 255 squared just fits, and a chunk of them into 32 bits
    return np.stack([images.sum(axis=0, dtype=np.uint32), squares.sum(axis=0, dtype=np.uint32)]).astype(float)


def _per_channel(values: list[float], channels: int) -> NDArray[np.float64]:
    if len(values) not in (1, channels):
        raise ConfigError(f"data.normalize: {len(values)} constants for images with {channels} channel(s)")
    return np.broadcast_to(np.array(values) * 255, channels)


def _normalization(mean: NDArray[np.float64], std: NDArray[np.float64]) -> Normalization:
    std = np.where(std > 0, std, 255)  # a constant channel carries nothing: shift it to zero, leave its scale
    return Normalization(tuple(map(float, 1 / std)), tuple(map(float, -mean / std)))

"""What a trained model can be asked besides its predictions: of every model, and of a network alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Images, Split

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LayerMaps:
    """What comes out of a layer for an image, (H, W, C); a vector is (1, 1, C)."""

    name: str
    kind: str
    maps: Floats


class Network(Protocol):
    """What has layers and gradients; images are (n, H, W, C) float32 with pixel values 0..255."""

    @property
    def maps_layer(self) -> str | None:
        """The layer whose maps Grad-CAM weighs, None where no maps are there."""

    def maps_and_gradients(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return that layer's maps A, (n, h, w, c), and ∂y/∂A, y being the class's score before the softmax."""

    def chance_and_gradient(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return the class's probability p of each image, (n,), and ∂p/∂x, of the images' shape."""

    def layers(self, image: Floats) -> Sequence[LayerMaps]:
        """Return what comes out of every layer that changes values, in order, for an image (H, W, C)."""

    def filters(self) -> tuple[str, Floats] | None:
        """Return name and kernel, (h, w, channels, filters), of the first convolution, None where there is none."""

    def dead_units(self, split: Split) -> Mapping[str, float]:
        """Return the share of units of each layer with a relu that are 0 for all of some images of a split."""

    def shuffled(self, seed: int) -> AbstractContextManager[None]:
        """Have the values of every array of weights change places at random, as long as the block lasts."""


class Subject(Protocol):
    """What is explained."""

    @property
    def network(self) -> Network | None:
        """What it is asked as a network, None where it is none."""

    @property
    def baseline(self) -> Floats:
        """The pixel, (C,) of 0..255, that its normalisation makes 0, or the nearest one that there is."""

    def predict(self, images: Images) -> Floats:
        """Return class probabilities of images with pixel values 0..255, (n, classes)."""

    def features(self, images: Images) -> Floats:
        """Return what its last layer with weights, or its estimator, sees of images, (n, features)."""


def shuffled_values(arrays: Sequence[NDArray[Any]], rng: np.random.Generator) -> list[NDArray[Any]]:
    """Return arrays of the same shapes whose values have changed places within each."""
    return [rng.permutation(array.ravel()).reshape(array.shape) for array in arrays]


def baseline_of(scale: Sequence[float], offset: Sequence[float]) -> Floats:
    """Return the pixel values x with x * scale + offset = 0, kept within 0..255."""
    zero = -np.asarray(offset, np.float64) / np.asarray(scale, np.float64)
    return np.clip(zero, 0, 255).astype(np.float32)

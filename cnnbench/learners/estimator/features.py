"""What an estimator sees of images, as the first steps of a scikit-learn pipeline."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin  # noqa: TID253 - reached only where an estimator is asked for

Floats = NDArray[np.float32]


class Normalize(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Pixel values 0..255 to pixel * scale + offset per channel: `data.normalize`, inside the pipeline."""

    def __init__(self, scale: Any = (1.0,), offset: Any = (0.0,)) -> None:
        self.scale = scale
        self.offset = offset

    def fit(self, images: Any, labels: Any = None) -> Self:
        """Learn nothing: the constants are given."""
        return self

    def transform(self, images: Any) -> Floats:
        """Return float32 images of the same shape (n, H, W, C)."""
        scaled = np.asarray(images, np.float32) * np.asarray(self.scale, np.float32)
        scaled += np.asarray(self.offset, np.float32)
        return scaled


class Pixels(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Every value of an image, row by row."""

    def fit(self, images: Any, labels: Any = None) -> Self:
        """Learn nothing."""
        return self

    def transform(self, images: Floats) -> Floats:
        """Return the values of images (n, H, W, C) as (n, H * W * C)."""
        return images.reshape(len(images), -1)


class Hog(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Histograms of oriented gradients by scikit-image; of colour images the channel with the largest gradient counts.

    Dalal and Triggs, 2005, "Histograms of Oriented Gradients for Human Detection".
    """

    def __init__(
        self, orientations: int = 9, pixels_per_cell: Any = 8, cells_per_block: Any = 3, block_norm: str = "L2-Hys"
    ) -> None:
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm

    def fit(self, images: Any, labels: Any = None) -> Self:
        """Learn nothing."""
        return self

    def transform(self, images: Floats) -> Floats:
        """Return the histograms of images (n, H, W, C) as (n, values)."""
        from skimage.feature import hog

        how: dict[str, Any] = {
            "orientations": self.orientations,
            "pixels_per_cell": _both(self.pixels_per_cell),
            "cells_per_block": _both(self.cells_per_block),
            "block_norm": self.block_norm,
            "channel_axis": -1,
        }
        return np.stack([hog(image, **how) for image in images]).astype(np.float32)


def _both(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])

"""Corruptions of images at five strengths: pure functions of pixels, strength and, where they draw, generators.

Noise, blur, brightness, contrast, JPEG and pixelation are those of Hendrycks and Dietterich 2019, "Benchmarking neural
network robustness to common corruptions and perturbations", with the strengths that its authors chose for images of 32
pixels (CIFAR-10-C), a third and less of those for ImageNet. Shift, rotation and scale are ours. What is a length grows
with the image: it is given as at a shorter side of 32 pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]  # (n, H, W, C)
Shares = NDArray[np.float32]  # the same as shares of full brightness, 0 to 1
Corrupt = Callable[[Pixels, float, Sequence[Generator]], NDArray[Any]]

STRENGTHS = (1, 2, 3, 4, 5)
SIDE = 32  # pixels: the shorter side that lengths are given for


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption: what its five values say, and what makes images (n, H, W, C) of others, 0..255.

    It gets a generator for each image, which begins anew at each strength: a stronger corruption draws the same.
    """

    name: str
    title: str
    values: tuple[float, float, float, float, float]
    meaning: str
    apply: Corrupt

    def corrupted(self, images: Pixels, strength: int, generators: Sequence[Generator]) -> Pixels:
        """Return images at a strength of 1 to 5, rounded to 8 bits."""
        made = self.apply(images, self.values[strength - 1], generators)
        return made if made.dtype == np.uint8 else np.clip(np.rint(made), 0, 255).astype(np.uint8)


def _gaussian_noise(images: Pixels, deviation: float, generators: Sequence[Generator]) -> NDArray[Any]:
    drawn = np.stack([draw.standard_normal(images.shape[1:], np.float32) for draw in generators])
    return images + np.float32(255 * deviation) * drawn


def _shot_noise(images: Pixels, photons: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Count photons, `photons` of them where an image is brightest."""
    expected = images * np.float32(photons / 255)
    counted = np.stack([draw.poisson(each) for draw, each in zip(generators, expected, strict=True)])
    return np.asarray(counted * (255 / photons))


def _impulse_noise(images: Pixels, share: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Make a share of the values black or white, half of it each."""
    drawn = np.stack([draw.random(images.shape[1:], np.float32) for draw in generators])
    return np.where(drawn < share / 2, 0, np.where(drawn > 1 - share / 2, 255, images)).astype(np.uint8)


def _blur(images: Pixels, sigma: float, generators: Sequence[Generator]) -> NDArray[Any]:
    from scipy.ndimage import gaussian_filter

    wide = _length(images, sigma)
    return np.asarray(gaussian_filter(images.astype(np.float32), (0, wide, wide, 0), mode="nearest"))


def _contrast(images: Pixels, kept: float, generators: Sequence[Generator]) -> NDArray[Any]:
    means = images.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    return np.asarray((images - means) * np.float32(kept) + means)


def _brightness(images: Pixels, added: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Raise V of HSV, the largest of red, green and blue: all three grow in proportion, black becomes grey."""
    shares = images.astype(np.float32) / 255
    value = shares.max(axis=3, keepdims=True)
    brighter = np.minimum(value + np.float32(added), 1)
    black = value == 0
    return np.asarray(255 * np.where(black, brighter, shares * brighter / np.where(black, 1, value)))


def _jpeg(images: Pixels, quality: float, generators: Sequence[Generator]) -> NDArray[Any]:
    def stored(image: Image.Image) -> Image.Image:
        from PIL import Image

        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=int(quality))
        return Image.open(stream)

    return _each(images, stored)


def _pixelate(images: Pixels, share: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Scale down to a share of the pixels a side and up again, each new pixel a mean."""

    def coarse(image: Image.Image) -> Image.Image:
        from PIL import Image

        small = max(1, int(image.width * share)), max(1, int(image.height * share))
        return image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.BOX)

    return _each(images, coarse)


def _shift(images: Pixels, distance: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Move by a distance in a direction that is drawn."""
    angles = (2 * np.pi * draw.random() for draw in generators)
    far = _length(images, distance)
    return _warped(images, [(np.eye(2), (far * np.sin(angle), far * np.cos(angle))) for angle in angles])


def _rotation(images: Pixels, degrees: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Turn to one side or the other, which is drawn."""
    angles = [np.deg2rad(degrees) * _side(draw) for draw in generators]
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    return _warped(images, [(turn, (0.0, 0.0)) for turn in turns])


def _scale(images: Pixels, factor: float, generators: Sequence[Generator]) -> NDArray[Any]:
    """Show larger or smaller by a factor; which of the two is drawn."""
    return _warped(images, [(np.eye(2) * factor ** _side(draw), (0.0, 0.0)) for draw in generators])


def _side(draw: Generator) -> int:
    return 1 if draw.random() < 0.5 else -1


def _length(images: Pixels, pixels: float) -> float:
    return float(pixels * min(images.shape[1:3]) / SIDE)


def _warped(images: Pixels, maps: Sequence[tuple[NDArray[np.float64], tuple[float, float]]]) -> NDArray[Any]:
    """Return images of which each place shows what was at matrix times place plus offset, from the centre.

    Between pixels it is bilinear; beyond the edge it is the pixel at the edge.
    """
    from scipy.ndimage import affine_transform

    middle = (np.array(images.shape[1:3]) - 1) / 2
    out = np.empty(images.shape, np.float32)
    for made, image, (matrix, offset) in zip(out, images.astype(np.float32), maps, strict=True):
        for channel in range(image.shape[2]):
            start = middle - matrix @ middle + offset
            made[:, :, channel] = affine_transform(image[:, :, channel], matrix, start, order=1, mode="nearest")
    return out


def _each(images: Pixels, change: Callable[[Image.Image], Image.Image]) -> NDArray[np.uint8]:
    from PIL import Image

    grey = images.shape[3] == 1
    made = (change(Image.fromarray(image[:, :, 0] if grey else image)) for image in images)
    return np.stack([np.asarray(image).reshape(images.shape[1:]) for image in made])


CORRUPTIONS = (
    Corruption(
        "gaussian_noise", "Gaussian noise", (0.04, 0.06, 0.08, 0.09, 0.10), "standard deviation", _gaussian_noise
    ),
    Corruption("shot_noise", "Shot noise", (500, 250, 100, 75, 50), "photons of full brightness", _shot_noise),
    Corruption("impulse_noise", "Impulse noise", (0.01, 0.02, 0.03, 0.05, 0.07), "share of the values", _impulse_noise),
    Corruption("blur", "Blur", (0.4, 0.6, 0.7, 0.8, 1), "Gaussian's deviation in pixels of 32", _blur),
    Corruption("contrast", "Contrast", (0.75, 0.5, 0.4, 0.3, 0.15), "share that is kept", _contrast),
    Corruption("brightness", "Brightness", (0.05, 0.1, 0.15, 0.2, 0.3), "added to the largest channel", _brightness),
    Corruption("jpeg", "JPEG", (80, 65, 58, 50, 40), "quality", _jpeg),
    Corruption("pixelation", "Pixelation", (0.95, 0.9, 0.85, 0.75, 0.65), "share of the pixels a side", _pixelate),
    Corruption("shift", "Shift", (1, 2, 3, 4, 6), "pixels of 32", _shift),
    Corruption("rotation", "Rotation", (5, 10, 15, 20, 30), "degrees", _rotation),
    Corruption("scale", "Scale", (1.05, 1.1, 1.2, 1.3, 1.5), "factor", _scale),
)

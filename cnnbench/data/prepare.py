"""Bringing an image to the network's input: colour, crop or padding, size; alike in training and `predict`.

Transparent pixels are composited on white, as a page shows them; padding is black. Scaling is bilinear with
antialiasing. Luminance is ITU-R 601 (Pillow's mode L); `mean` is the mean of red, green and blue, rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnbench.config.schema import Data
from cnnbench.data.types import Images
from cnnbench.errors import DataError

Fit = Literal["stretch", "crop", "pad", "center"]
Color = Literal["rgb", "luminance", "mean"]
Filter = Literal["bilinear", "plain bilinear", "bicubic", "nearest"]  # the second one without antialiasing
Size = tuple[int, int]


@dataclass(frozen=True)
class Target:
    """What images are brought to: [height, width] or None to keep theirs, how, and 1 or 3 channels.

    `grey_bits` is how many bits of 16-bit grey files are in use, None where that is not known or there are none. Any
    other `resample` than the first is what somebody else might scale with.
    """

    size: Size | None
    fit: Fit
    channels: int
    color: Color | None
    grey_bits: int | None = None
    resample: Filter = "bilinear"

    def shape(self, source: tuple[int, int, int]) -> tuple[int, int, int]:
        """Return height, width and channels of a prepared image of shape `source`."""
        return (*(self.size or source[:2]), self.channels)


def target_size(data: Data) -> Size | None:
    """Return `data.image_size` as (height, width)."""
    size = data.image_size
    return (size, size) if isinstance(size, int) else size


def target_channels(data: Data, source: int) -> int:
    """Return 1 or 3: what `data.color` makes of images with `source` channels."""
    return source if data.color is None else 3 if data.color == "rgb" else 1


def target(data: Data, source_channels: int) -> Target:
    """Return what the configuration wants images with this many channels to become."""
    return Target(target_size(data), data.fit, target_channels(data, source_channels), data.color, grey_bits(data))


def grey_bits(data: Data) -> int | None:
    """Return `data.grey_bits` where it is a number."""
    return None if data.grey_bits == "auto" else data.grey_bits


def prepare(
    image: Image.Image,
    size: Size | None,
    fit: Fit,
    channels: int,
    color: Color | None,
    resample: Filter = "bilinear",
) -> NDArray[np.uint8]:
    """Return `image` as uint8 of shape (height, width, channels).

    `size` is (height, width) or None to keep the image's. One channel is luminance unless `color` is "mean".
    Raises DataError where the image cannot be padded within reason.
    """
    image = _colored(image, channels, color)
    if size is not None and fit != "center":
        image = _scaled(image, size, fit, resample)
    array: NDArray[np.uint8] = np.asarray(image).reshape(image.height, image.width, channels)
    return _centered(array, size) if size is not None and fit == "center" else array


def prepare_array(images: Images, target: Target) -> Images:
    """Return images (n, H, W, C) prepared one by one; the array itself where nothing changes.

    Float images are rounded to 8 bits first if they have to change.
    """
    shape = images.shape[1:]
    if target.shape(shape) == shape:
        return images
    if target.fit == "center" and target.size is not None and target.channels == shape[2]:
        return _centered(images, target.size)
    small = images if images.dtype == np.uint8 else np.rint(images).astype(np.uint8)
    out = np.empty((len(images), *target.shape(shape)), np.uint8)
    for i, pixels in enumerate(small):
        image = Image.fromarray(pixels[:, :, 0] if shape[2] == 1 else pixels)
        out[i] = prepare(image, target.size, target.fit, target.channels, target.color, target.resample)
    return out


def _centered(images: NDArray[Any], size: Size) -> NDArray[Any]:
    """Return the middle of images (..., H, W, C) at `size`, without scaling; what is missing is black."""
    height, width = images.shape[-3:-1]
    out = np.zeros((*images.shape[:-3], *size, images.shape[-1]), images.dtype)
    (top, rows), (left, columns) = _overlap(height, size[0]), _overlap(width, size[1])
    at, left_at = max(0, (size[0] - height) // 2), max(0, (size[1] - width) // 2)
    middle = images[..., top : top + rows, left : left + columns, :]
    out[..., at : at + rows, left_at : left_at + columns, :] = middle
    return out


def _overlap(have: int, want: int) -> tuple[int, int]:
    """Return where a centred window of `want` starts in `have` pixels, and how many of them it covers."""
    return max(0, (have - want) // 2), min(have, want)


def _colored(image: Image.Image, channels: int, color: Color | None) -> Image.Image:
    if image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(opaque, image.convert("RGBA"))
    if channels == 3:
        return image.convert("RGB")
    if color == "mean" and image.mode not in ("L", "1"):
        total = np.asarray(image.convert("RGB")).sum(axis=2, dtype=np.uint16)
        return Image.fromarray(((total + 1) // 3).astype(np.uint8))  # thirds: adding one rounds to nearest
    return image.convert("L")


def _scaled(image: Image.Image, size: Size, fit: Fit, resample: Filter) -> Image.Image:
    height, width = size
    if fit == "pad":
        image = _padded(image, size)
    box = _middle(image, size) if fit == "crop" else (0, 0, image.width, image.height)
    if resample == "plain bilinear":
        return image.transform((width, height), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    return image.resize((width, height), Image.Resampling[resample.upper()], box)


def _middle(image: Image.Image, size: Size) -> tuple[float, float, float, float]:
    """Return the largest centred box (left, top, right, bottom) with the shape of `size`."""
    height, width = size
    w = min(image.width, image.height * width / height)
    h = min(image.height, image.width * height / width)
    left, top = (image.width - w) / 2, (image.height - h) / 2
    return left, top, left + w, top + h


def _padded(image: Image.Image, size: Size) -> Image.Image:
    height, width = size
    w = max(image.width, round(image.height * width / height))
    h = max(image.height, round(image.width * height / width))
    if w * h > (Image.MAX_IMAGE_PIXELS or w * h):
        raise DataError(
            f"{image.width}x{image.height} pixels would be padded to {w}x{h}; use data.fit: crop or stretch"
        )
    canvas = Image.new(image.mode, (w, h))
    canvas.paste(image, ((w - image.width) // 2, (h - image.height) // 2))
    return canvas

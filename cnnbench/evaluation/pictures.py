"""Images in whatever form they are handed over, each as an image to prepare: files, bytes, Pillow's, arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Images
from cnnbench.errors import DataError
from cnnbench.evaluation.image_files import absent, image_files

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = (1, 3, 4)  # grey, colours, colours with transparency
ALLOWED = "an image (H, W, C), a grey one (H, W), or n of them, with C of 1, 3 or 4"


def as_numbers(images: Any) -> Any:
    """Return what holds numbers, such as a tensor or nested lists, as an array; anything else as it is."""
    nested = isinstance(images, list | tuple) and images and isinstance(images[0], list | tuple)
    return np.asarray(images) if nested or hasattr(images, "__array__") else images


def several(images: Any) -> list[Any]:
    """Return images one by one: of an array those along its first axis, of names the files that they mean.

    Raises DataError where an array has no shape of images.
    """
    if isinstance(images, str | Path):
        return list(image_files([images]))
    if isinstance(images, np.ndarray):
        return _of_array(images)
    if not isinstance(images, Iterable) or isinstance(images, bytes):
        return [images]
    return [one for given in images for one in (image_files([given]) if isinstance(given, str | Path) else [given])]


def opened(image: Any, grey_bits: int | None) -> Image.Image:
    """Return one image with 8 bits per channel, upright as its EXIF orientation says; to be called inside `named`.

    It is the name of a file, the bytes of one, an image of Pillow's or an array (H, W) or (H, W, C) of pixel values
    0..255.
    """
    from cnnbench.data.decode import decode, in_memory

    if isinstance(image, str | Path):
        if (reason := absent(str(image))) is not None:
            raise DataError(reason.removeprefix(f"{image}: "))
        return decode(Path(image), grey_bits)
    if isinstance(image, bytes):
        return decode(image, grey_bits)
    if hasattr(image, "getexif"):
        return in_memory(image, grey_bits)
    return _as_picture(checked(np.asarray(image)))


def checked(pixels: NDArray[Any]) -> Images:
    """Return an array of pixel values as uint8 where it is that, else as float32; raises DataError for others."""
    if pixels.dtype.kind not in "uif":
        raise DataError(f"expected pixel values 0..255, found {pixels.dtype}")
    if not pixels.size:
        raise DataError(f"found no pixel: {pixels.shape}")
    low, high = pixels.min(), pixels.max()
    if not 0 <= low <= high <= 255:
        raise DataError(f"expected pixel values 0..255, found {low:g} to {high:g}")
    if pixels.dtype.kind == "f" and high <= 1 and (pixels % 1).any():
        raise DataError(f"expected pixel values 0..255, found {low:g} to {high:g}: multiply what is 0..1 by 255")
    return pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)


def _of_array(images: NDArray[Any]) -> list[Any]:
    grey, one = images.ndim == 2, images.ndim == 3 and images.shape[2] in CHANNELS
    if grey or one:
        return [images]
    if images.ndim == 3 or (images.ndim == 4 and images.shape[3] in CHANNELS):
        return list(images)
    hint = "; channels come last" if images.ndim == 4 and images.shape[1] in CHANNELS else ""
    raise DataError(f"images: expected {ALLOWED}, found {images.shape} of {images.dtype}{hint}")


def _as_picture(pixels: Images) -> Image.Image:
    from PIL import Image

    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in CHANNELS):
        raise DataError(f"expected (H, W) or (H, W, C) with C of 1, 3 or 4, found {pixels.shape}")
    small = np.rint(pixels).astype(np.uint8)
    return Image.fromarray(small[:, :, 0] if small.ndim == 3 and small.shape[2] == 1 else small)

"""Grey images with more than 8 bits: how many of them are used, and their 8-bit form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from cnnbench.errors import DataError

STRIP = 1 << 20  # pixels looked at at a time: a large scan is not copied whole


def is_wide_grey(image: Image.Image) -> bool:
    """Whether an image is grey with more than 8 bits."""
    return image.mode == "I" or image.mode.startswith("I;16")


def eight_bit(image: Image.Image) -> Image.Image:
    """Return a grey image of 16 bits with 8, rounded; raises DataError for values that 16 bits do not hold."""
    low, high = extremes(image)
    if low < 0 or high > 65535:
        raise DataError(f"grey values {low}..{high}; allowed are 8 and 16 bits")
    found = Image.new("L", image.size)
    for at, strip in _strips(image):
        values = np.asarray(strip).astype(np.uint32)
        found.paste(Image.fromarray(((values + 128) // 257).astype(np.uint8)), (0, at))
    return found


def extremes(image: Image.Image) -> tuple[int, int]:
    """Return the smallest and the largest value of a grey image."""
    ends = [(values.min(), values.max()) for values in (np.asarray(strip) for _, strip in _strips(image))]
    return int(min(low for low, _ in ends)), int(max(high for _, high in ends))


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the rows of an image, some at a time, each with the number of its first row."""
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))

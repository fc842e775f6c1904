"""Grey images with more than 8 bits: how many of them are used, and their 8-bit form.

Cameras of 10, 12 and 14 bits write files of 16: scaled as if all were in use, they would leave some grey levels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from cnnbench.errors import DataError

USUAL = (8, 10, 12, 14)  # bits that cameras have, fewer than 16
STRIP = 1 << 20  # pixels looked at at a time: a large scan is not copied whole


def is_wide_grey(image: Image.Image) -> bool:
    """Whether an image is grey with more than 8 bits."""
    return image.mode == "I" or image.mode.startswith("I;16")


def evident_bits(largest: int) -> int:
    """Return the usual number of bits whose upper half `largest`, the largest value of a set, lies in, else 16.

    Values of up to 8 bits may be of any size: 16 bits would leave nothing of them.
    """
    lowest = {bits: 1 << (bits - 1) for bits in USUAL} | {8: 0}
    return next((bits for bits in USUAL if lowest[bits] <= largest < 1 << bits), 16)


def eight_bit(image: Image.Image, bits: int | None) -> Image.Image:
    """Return a grey image with 8 bits, rounded; raises DataError for values that `bits`, None for 16, do not hold."""
    low, high = extremes(image)
    top = (1 << (bits or 16)) - 1
    if low < 0 or high > top:
        allowed = "8 and 16 bits" if top == 65535 else f"0..{top}, {bits} bits, as data.grey_bits says or was measured"
        raise DataError(f"grey values {low}..{high}; allowed are {allowed}")
    found = Image.new("L", image.size)
    for at, strip in _strips(image):
        values = np.asarray(strip).astype(np.uint32)
        found.paste(Image.fromarray(((values * 255 + top // 2) // top).astype(np.uint8)), (0, at))
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

"""Pixel values as they are kept in files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_pixels(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Return values 0..255 rounded and clipped to uint8."""
    pixels: NDArray[np.uint8] = np.clip(np.rint(images), 0, 255).astype(np.uint8, copy=False)
    return pixels

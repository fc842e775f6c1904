"""The sources that need no files of their own: scikit-learn's digits, and synthetic images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnbench.catalogue import class_names as names
from cnnbench.config.schema import Data, Synthetic
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Part, Source
from cnnbench.errors import DataError
from cnnbench.seeds import bits_of_images

CELLS = 4  # a synthetic class is a pattern of 4x4 flat cells
DARK, BRIGHT, NOISE = 48, 144, 64  # pixels lie in 48..112 or in 144..208: a dark cell is never a bright one


def load_digits() -> Source:
    """Return scikit-learn's 1,797 handwritten digits, 8x8, values 0..16 scaled to 0..255 (no test split)."""
    from sklearn.datasets import load_digits as sklearn_digits

    found = sklearn_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)
    part = Part(ArrayStore(images[..., None]), found.target.astype(np.int64))
    return Source(names.DIGITS, part, notes=("scikit-learn's load_digits",))


def load_synthetic(data: Data) -> Source:
    """Return images whose class can be read off their pixels without error, drawn by `data.split_seed`.

    Each class is a random pattern of dark and bright cells, no two alike, under bounded uniform noise;
    classes take turns, so they are balanced. Raises DataError where images are too small for the classes.
    """
    size = data.synthetic or Synthetic()
    patterns = _patterns(size, data.split_seed)
    return Source(
        names.synthetic(size.classes),
        _synthetic_part(patterns, size.shape, size.train, "synthetic train", data.split_seed),
        test=_synthetic_part(patterns, size.shape, size.test, "synthetic test", data.split_seed),
        notes=("generated",),
    )


def _patterns(size: Synthetic, seed: int) -> NDArray[np.uint8]:
    """Return a different pattern per class, (classes, rows, columns, channels), values 0 and 1."""
    height, width, channels = size.shape
    grid = (min(CELLS, height), min(CELLS, width), channels)
    cells = int(np.prod(grid))
    if cells < 63 and 2**cells < size.classes:
        raise DataError(f"data.synthetic: {size.classes} classes do not fit into {height}x{width}x{channels} images")
    rng = np.random.Generator(bits_of_images("synthetic patterns", seed))
    found: dict[bytes, NDArray[np.uint8]] = {}
    while len(found) < size.classes:
        pattern = rng.integers(0, 2, grid, np.uint8)
        found.setdefault(pattern.tobytes(), pattern)
    return np.stack(list(found.values()))


def _synthetic_part(patterns: NDArray[np.uint8], shape: tuple[int, int, int], count: int, draw: str, seed: int) -> Part:
    height, width, _ = shape
    rows = np.arange(height) * patterns.shape[1] // height
    columns = np.arange(width) * patterns.shape[2] // width
    rng = np.random.Generator(bits_of_images(draw, seed))
    images = rng.integers(DARK, DARK + NOISE + 1, (count, *shape), np.uint8)
    for k, pattern in enumerate(patterns[:count]):
        images[k :: len(patterns)] += pattern[rows[:, None], columns] * np.uint8(BRIGHT - DARK)
    return Part(ArrayStore(images), np.arange(count) % len(patterns))

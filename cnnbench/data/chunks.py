"""Going through many images a few megabytes at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cnnbench.data.types import Rows

BYTES = 2**24
MOST = 4096


def chunks(count: int, shape: tuple[int, int, int]) -> Iterator[Rows]:
    """Yield the positions 0..count-1 in order, as many at a time as make up 16 MiB of 8-bit images (at most 4096)."""
    step = min(MOST, max(1, BYTES // math.prod(shape)))
    for start in range(0, count, step):
        yield np.arange(start, min(start + step, count))


def spread(count: int, most: int) -> Rows:
    """Return at most so many positions below `count`, spread evenly."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))

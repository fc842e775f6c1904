"""Pictures by cell of a confusion matrix: each cell opens by itself, and by its place in the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """A small picture, (h, w, 1 or 3) uint8, what stands below it, and all that is to be said of it."""

    image: NDArray[np.uint8]
    below: str
    said: str


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: classes by their place and name, and what there is of its images."""

    true: int
    predicted: int
    names: tuple[str, str]
    images: str
    pictures: Sequence[Picture]

    @property
    def right(self) -> bool:
        """Whether it is on the diagonal."""
        return self.true == self.predicted


@dataclass(frozen=True)
class Gallery:
    """Cells, one below the other, closed at first."""

    cells: Sequence[Cell]

    part = "gallery"

    def __bool__(self) -> bool:
        return bool(self.cells)

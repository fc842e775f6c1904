"""What the data room hands to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8] | NDArray[np.float32]
Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


class ImageStore(Protocol):
    """Images that can be fetched by row, from memory or decoded on the way."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels, the same for every image."""

    def __len__(self) -> int:
        """Return the number of images."""

    def fetch(self, rows: NDArray[np.int64]) -> Images:
        """Return the images of `rows`, shape (len(rows), H, W, C), pixel values 0..255, uint8 or float32."""


@dataclass(frozen=True)
class Split:
    """Some rows of a store with their labels.

    `rows` index the store; `labels` has the class index of each of `rows`, in the same order.
    `names` is the file name of each image where it came from a file, else empty.
    """

    store: ImageStore
    rows: NDArray[np.int64]
    labels: Labels
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def images(self, positions: NDArray[np.int64]) -> Images:
        """Return the images at these positions of the split, shape (n, H, W, C)."""
        return self.store.fetch(self.rows[positions])


@dataclass(frozen=True)
class Dataset:
    """A data set ready for training: splits, class names and what is worth telling about where it came from.

    `given_test` is the test split with its images as the source gives them, before they are brought to size. `seeds`
    are the seeds that drew the splits, `skipped` the files left out because they would not decode.
    """

    source: str
    class_names: Sequence[str]
    train: Split
    validation: Split | None
    test: Split
    given_test: Split
    notes: Sequence[str] = field(default=())
    seeds: Mapping[str, int] = field(default_factory=dict)
    skipped: Sequence[str] = ()

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        return self.train.store.shape


@dataclass(frozen=True)
class Part:
    """All images a source has for one of its splits, each with a label and, where it is a file, a name."""

    store: ImageStore
    labels: Labels
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """A data set as its files give it, before subsets and splits are drawn and images are resized."""

    class_names: Sequence[str]
    train: Part
    validation: Part | None = None
    test: Part | None = None
    notes: Sequence[str] = ()
    skipped: Sequence[str] = ()

"""What the data room hands to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.names import Names

if TYPE_CHECKING:
    from cnnbench.data.content import Content

Images = NDArray[np.uint8] | NDArray[np.float32]
Labels = NDArray[np.int64]
Rows = NDArray[np.int64]
Weights = NDArray[np.float64]
PartName = Literal["train", "validation", "test"]


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
    `names` is the file name of each image where it came from a file, else empty. `part` is the part of the source that
    the rows are counted in. `weights` is what each image weighs in the training loss, None where all weigh alike.
    """

    store: ImageStore
    rows: NDArray[np.int64]
    labels: Labels
    names: Sequence[str] = ()
    part: PartName = "train"
    weights: Weights | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def images(self, positions: NDArray[np.int64]) -> Images:
        """Return the images at these positions of the split, shape (n, H, W, C)."""
        return self.store.fetch(self.rows[positions])

    def pick(self, positions: Rows) -> Split:
        """Return the images at these positions as a split of their own."""
        names = Names.of(self.names[p] for p in positions) if self.names else ()
        weights = None if self.weights is None else self.weights[positions]
        return replace(self, rows=self.rows[positions], labels=self.labels[positions], names=names, weights=weights)


class Splits(NamedTuple):
    """The three splits of a data set."""

    train: Split
    validation: Split | None
    test: Split

    @property
    def present(self) -> dict[str, Split]:
        """The splits there are, by name."""
        return {name: split for name, split in self._asdict().items() if split is not None}


@dataclass(frozen=True)
class Drawn:
    """Which images of a source are used for what, as the source gives them; the rest as in `Dataset`."""

    class_names: Sequence[str]
    splits: Splits
    contents: Mapping[str, Content]
    found: int
    seeds: Mapping[str, int]
    notes: Sequence[str] = ()
    changes: Sequence[str] = ()
    skipped: Sequence[str] = ()


@dataclass(frozen=True)
class Dataset:
    """A data set ready for training: splits, class names and what is worth telling about where it came from.

    `contents` tells the images of each split from others, where that was asked for. `found` is how many images the
    source has, used or not; `changes` say what has come to the data since it was recorded, and are among the `notes`.
    `seeds` are the seeds that drew the splits, `skipped` the files left out because they would not decode.
    """

    source: str
    class_names: Sequence[str]
    train: Split
    validation: Split | None
    test: Split
    contents: Mapping[str, Content] = field(default_factory=dict)
    found: int = 0
    grey_bits: int | None = None
    notes: Sequence[str] = field(default=())
    changes: Sequence[str] = ()
    seeds: Mapping[str, int] = field(default_factory=dict)
    skipped: Sequence[str] = ()

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        return self.train.store.shape


@dataclass(frozen=True)
class Part:
    """All images a source has for one of its splits: labels, names where they are files, weights as in `Split`."""

    store: ImageStore
    labels: Labels
    names: Sequence[str] = ()
    weights: Weights | None = None


@dataclass(frozen=True)
class Listed:
    """The image files of a source, relative to its folder.

    `classes` has the class of each, where the file's place does not tell it.
    """

    root: Path
    files: Sequence[str]
    classes: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Given:
    """A data set as its files give it, before subsets and splits are drawn and images are resized."""

    class_names: Sequence[str]
    train: Part
    validation: Part | None = None
    test: Part | None = None
    notes: Sequence[str] = ()
    skipped: Sequence[str] = ()

    @property
    def parts(self) -> dict[PartName, Part]:
        """The parts there are, by name."""
        given: dict[PartName, Part | None] = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in given.items() if part is not None}

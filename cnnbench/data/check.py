"""Looking through a whole data set: shape, type, range, class balance, duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnbench.config.schema import Data, Subset
from cnnbench.data.chunks import chunks
from cnnbench.data.load import load_data
from cnnbench.data.types import Dataset, Split

IMBALANCE = 10  # times as many images in the largest class as in the smallest are worth a warning
SHOWN = 3


@dataclass(frozen=True)
class SplitCheck:
    """What one split holds; `duplicates` counts images that an earlier image of the split equals."""

    images: int
    shape: tuple[int, int, int]
    dtype: str
    pixels: tuple[float, float]
    per_class: dict[str, int]
    duplicates: int


@dataclass(frozen=True)
class Check:
    """The whole data set, and what is wrong (`problems`) or worth knowing (`warnings`) about it.

    `shared` counts test images that also are training images, pixel by pixel.
    """

    source: str
    classes: Sequence[str]
    splits: dict[str, SplitCheck]
    shared: int
    problems: Sequence[str]
    warnings: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True)
class _Seen:
    """First position and label of every different image of a split, by the hash of its pixels."""

    first: dict[bytes, tuple[int, int]]
    duplicates: int
    contradictions: int
    pixels: tuple[float, float]
    dtype: str


def check(data: Data, *, offline: bool = False, quiet: bool = False) -> Check:
    """Read every image of a data set once and return what was found; raises DataError if it cannot be loaded.

    Subsets are ignored and no validation split is drawn. Image files that will not decode are problems here.
    """
    whole = data.model_copy(update={"subset": Subset(), "validation": 0.0, "on_bad_image": "skip"})
    dataset = load_data(whole, offline=offline, quiet=quiet)
    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    present = {name: split for name, split in splits.items() if split is not None}
    seen = {name: _look(split) for name, split in present.items()}
    shared = seen["train"].first.keys() & seen["test"].first.keys()
    return Check(
        dataset.source,
        dataset.class_names,
        {name: _summary(split, seen[name], dataset.class_names) for name, split in present.items()},
        len(shared),
        list(dataset.skipped),
        [*_balance(dataset.class_names, present), *_twins(dataset, seen, shared)],
        [note for note in dataset.notes if "skipped" not in note],
    )


def _look(split: Split) -> _Seen:
    first: dict[bytes, tuple[int, int]] = {}
    duplicates = contradictions = 0
    low, high, dtype = np.inf, -np.inf, "uint8"
    for positions in chunks(len(split), split.store.shape):
        images = split.images(positions)
        low, high, dtype = min(low, images.min()), max(high, images.max()), str(images.dtype)
        for i, image in zip(positions.tolist(), images, strict=True):
            label = int(split.labels[i])
            earlier = first.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), (i, label))
            duplicates += earlier[0] != i
            contradictions += earlier[1] != label
    return _Seen(first, duplicates, contradictions, (float(low), float(high)), dtype)


def _summary(split: Split, seen: _Seen, class_names: Sequence[str]) -> SplitCheck:
    counts = np.bincount(split.labels, minlength=len(class_names)).tolist()
    return SplitCheck(
        len(split),
        split.store.shape,
        seen.dtype,
        seen.pixels,
        dict(zip(class_names, counts, strict=True)),
        seen.duplicates,
    )


def _balance(class_names: Sequence[str], splits: dict[str, Split]) -> list[str]:
    found = []
    for name, split in splits.items():
        counts = np.bincount(split.labels, minlength=len(class_names))
        least, most = int(counts.argmin()), int(counts.argmax())
        if counts[most] >= IMBALANCE * counts[least]:
            found.append(
                f"{name}: {counts[most]} images of {class_names[most]!r}, {counts[least]} of {class_names[least]!r}"
            )
    return found


def _twins(dataset: Dataset, seen: dict[str, _Seen], shared: set[bytes]) -> list[str]:
    found = []
    for name, split in seen.items():
        if split.duplicates:
            found.append(f"{name}: {split.duplicates} duplicate image(s)")
        if split.contradictions:
            found.append(f"{name}: {split.contradictions} duplicate(s) under another label")
    if shared:
        train, test = seen["train"].first, seen["test"].first
        pairs = sorted((test[h][0], train[h][0]) for h in shared)[:SHOWN]
        named = ", ".join(f"{_name(dataset.test, a)} = {_name(dataset.train, b)}" for a, b in pairs)
        found.append(f"{len(shared)} image(s) in both train and test (test = train: {named})")
    return found


def _name(split: Split, position: int) -> str:
    return split.names[position] if split.names else f"row {split.rows[position]}"

"""Looking through a whole data set: shape, type, range, class balance, duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cnnbench.config.class_names import nearly_alike
from cnnbench.config.schema import Data, Subset
from cnnbench.data.chunks import chunks
from cnnbench.data.load import load_data
from cnnbench.data.similar import Looks, alike, joined, looks
from cnnbench.data.types import Split

IMBALANCE = 10  # times as many images in the largest class as in the smallest are worth a warning
DARK = 64  # of 255: a split without any brighter pixel has lost levels, or is scaled wrongly
SHOWN = 3

Pairs = Mapping[str, Mapping[int, int]]  # positions in the second split and in the first, by the names of the two


@dataclass(frozen=True)
class SplitCheck:
    """What one split holds; `duplicates` counts images that an earlier image of the split equals.

    `levels` is how many of the 256 values its pixels have, None for floats.
    """

    images: int
    shape: tuple[int, int, int]
    dtype: str
    pixels: tuple[float, float]
    levels: int | None
    per_class: dict[str, int]
    duplicates: int


@dataclass(frozen=True)
class Check:
    """The whole data set, and what is wrong (`problems`) or worth knowing (`warnings`) about it.

    `shared` counts, for every two splits ("train and test"), the images of the second that are in the first pixel by
    pixel, and `similar` those that look like one there.
    """

    source: str
    classes: Sequence[str]
    splits: dict[str, SplitCheck]
    shared: dict[str, int]
    similar: dict[str, int]
    problems: Sequence[str]
    warnings: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True)
class _Seen:
    """The images of a split by the hashes of their pixels and by their looks; `first` has a hash's first position."""

    name: str
    split: Split
    hashes: Sequence[bytes]
    first: dict[bytes, int]
    looks: Looks
    duplicates: int
    contradictions: int
    pixels: tuple[float, float]
    levels: int | None
    dtype: str


def check(data: Data, *, offline: bool = False, quiet: bool = False) -> Check:
    """Read every image of a data set once and return what was found; raises DataError if it cannot be loaded.

    Subsets are ignored and no validation split is drawn. Image files that will not decode are problems here.
    """
    whole = data.model_copy(update={"subset": Subset(), "validation": 0.0, "on_bad_image": "skip"})
    dataset = load_data(whole, offline=offline, quiet=quiet)
    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    present = {name: split for name, split in splits.items() if split is not None}
    seen = {name: _look(name, split) for name, split in present.items()}
    pairs = list(combinations(seen.values(), 2))
    shared = {f"{a.name} and {b.name}": dict(_shared(a, b)) for a, b in pairs}
    twins = [] if data.facts.class_names else nearly_alike(dataset.class_names)
    similar = {f"{a.name} and {b.name}": dict(_similar(a, b)) for a, b in pairs}
    return Check(
        dataset.source,
        dataset.class_names,
        {name: _summary(split, seen[name], dataset.class_names) for name, split in present.items()},
        {names: len(found) for names, found in shared.items()},
        {names: len(found) for names, found in similar.items()},
        list(dataset.skipped),
        [
            *twins,
            *_dark(seen),
            *_balance(dataset.class_names, present),
            *_duplicates(seen.values()),
            *(line for a, b in pairs for line in _told(a, b, shared, similar)),
        ],
        [note for note in dataset.notes if "skipped" not in note and note not in twins],
    )


def _look(name: str, split: Split) -> _Seen:
    hashes: list[bytes] = []
    looked: list[Looks] = []
    first: dict[bytes, int] = {}
    contradictions = 0
    low, high, dtype = np.inf, -np.inf, "uint8"
    used = np.zeros(256, bool)
    for positions in chunks(len(split), split.store.shape):
        images = split.images(positions)
        low, high, dtype = min(low, images.min()), max(high, images.max()), str(images.dtype)
        used |= np.bincount(images.ravel() if images.dtype == np.uint8 else [], minlength=256) > 0
        looked.append(looks(images))
        hashes += [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]
    for i, found in enumerate(hashes):
        contradictions += split.labels[first.setdefault(found, i)] != split.labels[i]
    levels = int(used.sum()) if dtype == "uint8" else None
    duplicates = len(hashes) - len(first)
    return _Seen(name, split, hashes, first, joined(looked), duplicates, contradictions, (low, high), levels, dtype)


def _summary(split: Split, seen: _Seen, class_names: Sequence[str]) -> SplitCheck:
    counts = np.bincount(split.labels, minlength=len(class_names)).tolist()
    return SplitCheck(
        len(split),
        split.store.shape,
        seen.dtype,
        seen.pixels,
        seen.levels,
        dict(zip(class_names, counts, strict=True)),
        seen.duplicates,
    )


def _dark(seen: dict[str, _Seen]) -> list[str]:
    """Warn of pixels that use a small part of their range, as those of cameras with 10 or 12 bits in 16-bit files."""
    return [
        f"{name}: pixel values reach only {split.pixels[1]:g} of 255, {split.levels} level(s) of grey or colour"
        for name, split in seen.items()
        if split.levels is not None and split.pixels[1] < DARK
    ]


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


def _duplicates(seen: Iterable[_Seen]) -> Iterator[str]:
    for each in seen:
        if each.duplicates:
            yield f"{each.name}: {each.duplicates} duplicate image(s)"
        if each.contradictions:
            yield f"{each.name}: {each.contradictions} duplicate(s) under another label"


def _shared(a: _Seen, b: _Seen) -> Iterator[tuple[int, int]]:
    """Yield the positions in `b` and `a` of every different image that both have."""
    return ((i, a.first[found]) for found, i in b.first.items() if found in a.first)


def _similar(a: _Seen, b: _Seen) -> Iterator[tuple[int, int]]:
    """Yield the positions in `b` and `a` of images that are not the same but look alike."""
    rows = alike(b.looks, a.looks).tolist()
    return ((i, row) for i, row in enumerate(rows) if row >= 0 and b.hashes[i] not in a.first)


def _told(a: _Seen, b: _Seen, shared: Pairs, similar: Pairs) -> Iterator[str]:
    names = f"{a.name} and {b.name}"
    for pairs, what, sign in (
        (shared[names], f"image(s) in both {names}", "="),
        (similar[names], f"image(s) of {b.name} look like one of {a.name}", "~"),
    ):
        if pairs:
            some = sorted(pairs.items())[:SHOWN]
            named = ", ".join(f"{_name(b.split, i)} {sign} {_name(a.split, j)}" for i, j in some)
            yield f"{len(pairs)} {what} ({b.name} {sign} {a.name}: {named})"


def _name(split: Split, position: int) -> str:
    return split.names[position] if split.names else f"row {split.rows[position]}"

"""The test images of a run corrupted in every way, and how many the run still has right.

What an image's corruption draws depends on the image and the kind alone: every run that is tested on the same images of
the same size sees the same corrupted ones, in whatever order, and a seed of a run has no part in it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from cnnbench.data.types import Images, Split
from cnnbench.evaluation.metrics import wilson_interval
from cnnbench.learners.learner import Trained
from cnnbench.numbers import mean
from cnnbench.robustness.corruptions import CORRUPTIONS, STRENGTHS, Pixels
from cnnbench.runs.robustness import packed
from cnnbench.seeds import Stream, generator
from cnnbench.text import count

Right = NDArray[np.bool_]


@dataclass(frozen=True)
class Corrupted:
    """Images (n, H, W, C) at a strength of a kind of corruption."""

    kind: str
    strength: int
    images: Pixels


def measure(trained: Trained, split: Split, show: Callable[[str], None]) -> dict[str, Any]:
    """Return what `robustness.json` holds of corruptions: of every kind and strength the accuracy and who was right."""
    right = {(kind.name, strength): np.zeros(len(split), np.bool_) for kind in CORRUPTIONS for strength in STRENGTHS}
    seen = {kind.name: hashlib.sha256() for kind in CORRUPTIONS}
    clean = np.zeros(len(split), np.bool_)
    for at in slices(len(split), trained.at_once):
        show(f"corrupting images, {count(int(at[0]))} of {count(len(split))} done")
        images = split.images(at)
        clean[at] = is_right(trained, images, split.labels[at])
        for one in corrupted(eight_bits(images)):
            seen[one.kind].update(one.images.tobytes())
            right[one.kind, one.strength][at] = is_right(trained, one.images, split.labels[at])
    rows = [_row(kind.name, right, seen[kind.name].hexdigest()) for kind in CORRUPTIONS]
    accuracy = mean([row["mean_accuracy"] for row in rows])
    return {
        "images": len(split),
        "pixels": list(split.store.shape),
        "clean": scored(clean),
        "kinds": rows,
        "mean_accuracy": accuracy,
        "mean_corruption_error": 1 - accuracy,
    }


def corrupted(images: Pixels) -> Iterator[Corrupted]:
    """Yield images (n, H, W, C) at every strength of every kind of corruption."""
    keys = [zlib.crc32(image.tobytes()) for image in images]
    for kind in CORRUPTIONS:
        for strength in STRENGTHS:
            yield Corrupted(kind.name, strength, kind.corrupted(images, strength, drawing(kind.name, keys)))


def drawing(kind: str, keys: Sequence[int]) -> list[Generator]:
    """Return a generator for each image, by a number that its pixels give, and a kind of corruption."""
    return [generator(Stream.CORRUPTION, key, zlib.crc32(kind.encode())) for key in keys]


def eight_bits(images: Images) -> Pixels:
    """Return images as their 8-bit pixel values."""
    return np.rint(images).astype(np.uint8)


def slices(images: int, at_once: int) -> Iterator[NDArray[np.int64]]:
    """Yield the positions of images, some at a time."""
    for start in range(0, images, at_once):
        yield np.arange(start, min(start + at_once, images))


def is_right(trained: Trained, images: Images, labels: NDArray[np.int64]) -> Right:
    """Return for each image whether its class is the one that is predicted."""
    return np.asarray(trained.predict_images(images).argmax(axis=1) == labels)


def scored(right: Right) -> dict[str, Any]:
    """Return accuracy, its interval (Wilson, 95 %) and which images were right."""
    number = int(right.sum())
    return {
        "accuracy": number / len(right),
        "interval": list(wilson_interval(number, len(right))),
        "right": packed(right),
    }


def _row(kind: str, right: dict[tuple[str, int], Right], seen: str) -> dict[str, Any]:
    values = next(one.values for one in CORRUPTIONS if one.name == kind)
    strengths = [
        {"strength": strength, "value": value, **scored(right[kind, strength])}
        for strength, value in zip(STRENGTHS, values, strict=True)
    ]
    accuracy = mean([each["accuracy"] for each in strengths])
    return {"kind": kind, "pixels_sha256": seen, "mean_accuracy": accuracy, "strengths": strengths}

"""What is kept of what was found: small enough for a run folder and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pixels import as_pixels
from cnnbench.data.types import Dataset, Images
from cnnbench.explain.embedding import Neighbours
from cnnbench.explain.looked import Seen
from cnnbench.explain.subjects.subject import Floats

MAPS = 8  # of a layer, those with the largest mean strength
SIDE = 64  # pixels of a layer's map at most
THUMBNAIL = 32  # pixels of an embedded image at most
FILTERS = 64
VECTOR = 32  # values of a vector in a row


def map_facts(seen: Seen, names: Sequence[str]) -> dict[str, Any]:
    """Return the numbers of a map."""
    whole = seen.map.completeness
    return {
        **{"kind": seen.kind, "class": names[seen.label]},
        **{"deletion": seen.scores.deletion, "insertion": seen.scores.insertion},
        **{"deletion_random": seen.random.deletion, "insertion_random": seen.random.insertion},
        "after_shuffling": seen.after_shuffling,
        "sum": None if whole is None else whole.sum,
        "difference": None if whole is None else whole.difference,
        "steps": None if whole is None else whole.steps,
    }


def strength(values: Floats) -> NDArray[np.float16]:
    """Return a map, (H, W), as shares of its largest value."""
    largest = float(np.abs(values).max()) or 1.0
    return (values / largest).astype(np.float16)


def strongest(maps: Floats) -> NDArray[np.int8]:
    """Return the strongest maps of (H, W, C), (n, h, w) of -127..127, made coarser; a vector in rows is one map."""
    height, width, channels = maps.shape
    if height * width == 1:
        in_a_row = min(VECTOR, channels)
        return _in_bytes(np.pad(maps.ravel(), (0, -channels % in_a_row)).reshape(1, -1, in_a_row))
    chosen = np.sort(np.argsort(-np.abs(maps).mean(axis=(0, 1)), kind="stable")[:MAPS])
    step = -(-max(height, width) // SIDE)
    return _in_bytes(np.moveaxis(maps[::step, ::step, chosen], -1, 0))


def _in_bytes(values: Floats) -> NDArray[np.int8]:
    largest = float(np.abs(values).max()) or 1.0
    return np.round(127 * values / largest).astype(np.int8)


def filters(kernel: Floats) -> NDArray[np.uint8]:
    """Return filters of (h, w, channels, filters) as pictures (n, h, w, 1 or 3), 0 as mid-grey, all on one scale.

    Of other than three channels the mean is shown.
    """
    shown = kernel if kernel.shape[2] == 3 else kernel.mean(axis=2, keepdims=True)
    pictures = np.moveaxis(shown, -1, 0)[:FILTERS]
    largest = float(np.abs(pictures).max()) or 1.0
    return as_pixels(127.5 * (1 + pictures / largest))


def thumbnails(images: Images) -> NDArray[np.uint8]:
    """Return images (n, H, W, C) of at most 32 pixels a side: of larger ones the mean of squares of pixels."""
    _, height, width, _ = images.shape
    step = -(-max(height, width) // THUMBNAIL)
    cut = images[:, : max(step, height // step * step), : max(step, width // step * step)]
    return as_pixels(np.stack([_coarser(np.asarray(image, np.float32), step) for image in cut]))


def _coarser(image: Floats, step: int) -> Floats:
    height, width, channels = image.shape
    if height < step or width < step:
        return image[::step, ::step]
    blocks = image.reshape(height // step, step, width // step, step, channels)
    mean: Floats = blocks.mean(axis=(1, 3))
    return mean


def neighbour_facts(near: Neighbours, dataset: Dataset) -> list[list[dict[str, Any]]]:
    """Return index, class and distance of each image's nearest training images."""
    train, names = dataset.train, dataset.class_names
    return [
        [
            {"index": int(train.rows[at]), "class": names[train.labels[at]], "distance": float(distance)}
            for at, distance in zip(positions, distances, strict=True)
        ]
        for positions, distances in zip(near.positions, near.distances, strict=True)
    ]


def neighbour_pictures(near: Neighbours, dataset: Dataset) -> NDArray[np.uint8]:
    """Return the nearest training images of each image, (m, k, H, W, C)."""
    found = dataset.train.images(near.positions.ravel())
    return as_pixels(found).reshape(*near.positions.shape, *found.shape[1:])


def with_neighbours(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts with each image's nearest training images among what is said of it."""
    images = [{**image, "nearest": near} for image, near in zip(facts["images"], facts["nearest"], strict=True)]
    return {**{key: value for key, value in facts.items() if key != "nearest"}, "images": images}

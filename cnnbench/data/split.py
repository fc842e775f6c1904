"""Stratified draws: a missing test split, subsets, the validation split and folds.

A draw depends on its seed, on what it is for and on the labels, and on nothing else: not on the order of
other draws, nor on a library's version (NumPy guarantees the bit stream of PCG64, not its shuffles).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Labels, Rows
from cnnbench.errors import DataError
from cnnbench.seeds import bits_of_images

Amount = int | float | None


def amount(wanted: Amount, available: int, key: str) -> int:
    """Return the number of images a count, a fraction or None (all) means; DataError if more than available."""
    if wanted is None:
        return available
    count = round(wanted * available) if isinstance(wanted, float) else wanted
    if count > available:
        raise DataError(f"{key}: {count} images asked for, but there are {available}")
    return count


def hold_out(labels: Labels, share: float, seed: int, key: str, class_names: Sequence[str]) -> tuple[Rows, Rows]:
    """Return (held out, left over) positions: `share` of every class, at least one image on both sides.

    Raises DataError where a class has fewer than two images or the share is too small to hold every class.
    """
    count = round(share * len(labels))
    chosen = _draw(labels, count, seed, key, class_names, leave=1)
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def fold(labels: Labels, index: int, of: int, seed: int, class_names: Sequence[str]) -> tuple[Rows, Rows]:
    """Return (held out, left over) positions of fold `index`, from 1, of `of` stratified ones.

    The folds of one seed hold every position exactly once. Dealt out class by class like cards, they differ by at most
    one image, in all and in each class. Raises DataError where a class has fewer images than there are folds.
    """
    sizes = np.bincount(labels, minlength=len(class_names))
    for k, size in enumerate(sizes.tolist()):
        if 0 < size < of:
            raise DataError(f"data.fold: class {class_names[k]!r} has {size} training image(s), too few for {of} folds")
    order = _shuffled(len(labels), seed, "data.fold")
    dealt = np.empty(len(labels), np.int64)
    dealt[order[np.argsort(labels[order], kind="stable")]] = np.arange(len(labels)) % of
    return np.flatnonzero(dealt == index - 1), np.flatnonzero(dealt != index - 1)


def subset(labels: Labels, wanted: Amount, seed: int, key: str, class_names: Sequence[str]) -> Rows:
    """Return positions of a stratified subset; a smaller one of the same seed lies inside a larger one.

    Raises DataError where there are too few images, or the subset is too small to hold every class.
    """
    count = amount(wanted, len(labels), key)
    if count == len(labels):
        return np.arange(count)
    return np.flatnonzero(_draw(labels, count, seed, key, class_names, leave=0))


def _draw(labels: Labels, count: int, seed: int, key: str, class_names: Sequence[str], leave: int) -> NDArray[np.bool_]:
    sizes = np.bincount(labels, minlength=len(class_names))
    _check(sizes, count, key, class_names, leave)
    take = _allocate(sizes, count, leave)
    order = _shuffled(len(labels), seed, key)
    chosen = np.zeros(len(labels), bool)
    for k, n in enumerate(take):
        chosen[order[labels[order] == k][:n]] = True
    return chosen


def _shuffled(n: int, seed: int, key: str) -> Rows:
    return np.argsort(bits_of_images(key, seed).random_raw(n), kind="stable")


def _check(sizes: Rows, count: int, key: str, class_names: Sequence[str], leave: int) -> None:
    present = np.flatnonzero(sizes)
    for k in present[sizes[present] <= leave]:
        raise DataError(f"{key}: class {class_names[k]!r} has {sizes[k]} image(s); a stratified split needs 2 each")
    if count < len(present):
        raise DataError(f"{key}: {count} images cannot hold each of {len(present)} classes")
    if leave and sizes.sum() - count < len(present):
        raise DataError(f"{key}: leaves {sizes.sum() - count} images for {len(present)} classes")


def _allocate(sizes: Rows, count: int, leave: int) -> Rows:
    """Share `count` among classes in proportion to their sizes (largest remainder), at least one each."""
    low, high = np.minimum(sizes, 1), np.maximum(sizes - leave, 0)
    quota = count * sizes / sizes.sum()
    take = np.clip(quota.astype(np.int64), low, high)
    while take.sum() < count:
        take[np.argmax(np.where(take < high, quota - take, -np.inf))] += 1
    while take.sum() > count:
        take[np.argmin(np.where(take > low, quota - take, np.inf))] -= 1
    return np.asarray(take)

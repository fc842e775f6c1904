"""What arrays of images and labels must look like, checked wherever they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Images, Labels
from cnnbench.errors import DataError

CHUNK = 4096


def image_shape(shape: Sequence[int], dtype: np.dtype[Any], where: str) -> tuple[int, int, int]:
    """Return height, width and channels of images (n, H, W) or (n, H, W, 1 or 3), or raise DataError."""
    if dtype.kind not in "uif":
        raise DataError(f"{where}: images of type {dtype}; allowed are integers 0..255 and floats 0..1")
    if len(shape) == 3:
        shape = (*shape, 1)
    if len(shape) != 4 or shape[3] not in (1, 3) or 0 in shape[1:]:
        found = "x".join(map(str, shape)) or "a single number"
        raise DataError(f"{where}: images of shape {found}; allowed are (n, H, W), (n, H, W, 1) and (n, H, W, 3)")
    return shape[1], shape[2], shape[3]


def as_images(images: NDArray[Any], where: str) -> Images:
    """Return images as (n, H, W, C): uint8 as a view, other integers as uint8, floats 0..1 as float32 0..255.

    Raises DataError for other shapes, types and ranges.
    """
    shape = image_shape(images.shape, images.dtype, where)
    images = images.reshape(len(images), *shape)
    if images.dtype == np.uint8:
        return images
    real = images.dtype.kind == "f"
    _check_range(images, 1 if real else 255, "0..1 for floats" if real else "0..255 for integers", where)
    return _scaled(images) if real else images.astype(np.uint8)


def _check_range(images: NDArray[Any], top: int, rule: str, where: str) -> None:
    for start in range(0, len(images), CHUNK):
        low, high = images[start : start + CHUNK].min(), images[start : start + CHUNK].max()
        if not (low >= 0 and high <= top):  # written so that NaN is refused too
            raise DataError(f"{where}: pixel values {low:g}..{high:g}; allowed are {rule}")


def _scaled(images: NDArray[Any]) -> NDArray[np.float32]:
    scaled = images.astype(np.float32)
    scaled *= 255
    return scaled


def as_labels(labels: NDArray[Any], images: int, classes: int | None, where: str) -> Labels:
    """Return labels as int64 of shape (images,).

    Accepted are integers of shape (n,) or (n, 1), and one-hot rows. Raises DataError for other shapes and
    types, for another number of labels than images, and for labels outside 0..classes-1.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2:
        labels = _from_one_hot(labels, where)
    if labels.ndim != 1 or labels.dtype.kind not in "ui":
        found = f"{labels.dtype} of shape {labels.shape}"
        raise DataError(f"{where}: labels are {found}; allowed are integers of shape (n,), or one-hot rows")
    if len(labels) != images:
        raise DataError(f"{where}: {len(labels)} labels for {images} images")
    check_range(labels, classes, where)
    return labels.astype(np.int64)


def check_range(labels: NDArray[np.integer[Any]], classes: int | None, where: str) -> None:
    """Raise DataError where a label lies outside 0..classes-1; None means that there are as many as labels use."""
    if not len(labels):
        return
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= (len(labels) if classes is None else classes):  # every class has an image
        gapless = f"0 upwards without a gap, of {len(labels)} images"
        allowed = gapless if classes is None else f"0..{classes - 1}"
        raise DataError(f"{where}: labels {low}..{high}; allowed are {allowed}")


def _from_one_hot(rows: NDArray[Any], where: str) -> NDArray[np.int64]:
    if rows.dtype.kind not in "uifb" or not (np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all()):
        raise DataError(f"{where}: labels of shape {rows.shape} are not one-hot rows (a single 1, else 0)")
    return np.asarray(rows.argmax(axis=1))

"""Reading CIFAR's batches, which are pickles, without letting them run anything."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.arrays import as_labels
from cnnbench.data.pickled import Array, read_pickle
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Given, Labels, Part
from cnnbench.errors import DataError, cause, shortened

SHAPE = (32, 32, 3)


def unpickle(path: Path) -> dict[str, Any]:
    """Return the dictionary in a batch, written by Python 2 or 3; raises DataError naming the file."""
    try:
        with path.open("rb") as f:
            batch = read_pickle(f)
    except Exception as e:  # bytes that are no such pickle raise nearly anything
        raise DataError(f"{path}: cannot be read as a CIFAR batch ({cause(e)})") from None
    if not isinstance(batch, dict):
        raise DataError(f"{path}: holds a {type(batch).__name__}; a CIFAR batch is a dictionary")
    return {k.decode("latin1") if isinstance(k, bytes) else str(k): _numpy(v, path) for k, v in batch.items()}


def _numpy(value: Any, path: Path) -> Any:
    try:
        return value.numpy() if isinstance(value, Array) else value
    except (ValueError, TypeError, OverflowError, pickle.UnpicklingError) as e:
        raise DataError(f"{path}: holds an array that cannot be read ({cause(e)})") from None


def read_batch(path: Path, label_key: str, classes: int) -> tuple[NDArray[np.uint8], Labels]:
    """Return rows (n, 3072), the red, green and blue plane after each other, and labels (n,)."""
    batch = unpickle(path)
    for key in ("data", label_key):
        if key not in batch:
            raise DataError(
                f"{path}: has no {key!r}, only {shortened(', '.join(map(repr, sorted(batch)))) or 'nothing'}"
            )
    rows = batch["data"]
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 3072:
        found = f"{rows.dtype} of shape {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise DataError(f"{path}: data is {found}; allowed is uint8 of shape (n, 3072)")
    try:
        labels = np.asarray(batch[label_key])
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise DataError(f"{path}: {label_key}: not a list of numbers") from None
    return rows, as_labels(labels, len(rows), classes, f"{path}: {label_key}")


def read_splits(train: Sequence[Path], test: Path, label_key: str, class_names: Sequence[str]) -> Given:
    """Return the images of batches in one folder; those of the `test` batch are kept only once they are asked for."""

    def read(path: Path) -> tuple[NDArray[np.uint8], Labels]:
        return read_batch(path, label_key, len(class_names))

    images, labels = _stacked(train, read)
    test_labels = read(test)[1]  # labels and pixels share a file; the pixels are dropped here
    store = LazyStore(SHAPE, len(test_labels), lambda: ArrayStore(_stacked([test], read)[0]))
    part = Part(ArrayStore(images), labels)
    return Given(class_names, part, test=Part(store, test_labels), notes=(f"{test.parent}",))


def _stacked(
    paths: Sequence[Path], read: Callable[[Path], tuple[NDArray[np.uint8], Labels]]
) -> tuple[NDArray[np.uint8], Labels]:
    """Read batches of equal length into one array, one at a time, so that pixels are not held twice."""
    images, labels = np.empty((0, *SHAPE), np.uint8), []
    for i, path in enumerate(paths):
        rows, found = read(path)
        n = len(rows)
        if i == 0:
            images = np.empty((n * len(paths), *SHAPE), np.uint8)
        elif n * len(paths) != len(images):
            raise DataError(f"{path}: {n} images; the batches before have {len(images) // len(paths)}")
        for channel, plane in enumerate(np.split(rows, 3, axis=1)):  # three times as fast as to transpose them at once
            images[i * n : (i + 1) * n, :, :, channel] = plane.reshape(n, 32, 32)
        labels.append(found)
        del rows  # before the next batch is read
    return images, np.concatenate(labels)

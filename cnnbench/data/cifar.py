"""Reading CIFAR's batches, which are pickles, without letting them run anything."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.catalogue.class_names import CIFAR10, CIFAR100
from cnnbench.data.arrays import as_labels
from cnnbench.data.pickled import Array, read_pickle
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Labels, Part, Source
from cnnbench.errors import DataError, cause, shortened

SHAPE = (32, 32, 3)


# As torchvision's datasets/cifar.py has it. Whoever re-encodes the images changes every file, so one is enough.
TEST_BATCH_MD5 = "40351d587109b95175f43aff81a1287e"
CHANGED = "not the published CIFAR-10 files (test_batch has another MD5): images may be reordered or re-encoded"


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


def load_cifar10(folder: Path) -> Source:
    """Return CIFAR-10 from its six batches; the test images are kept only once they are asked for."""
    train = [folder / f"data_batch_{i}" for i in range(1, 6)]
    source = _load(folder, train, folder / "test_batch", "labels", CIFAR10)
    return source if _is_published(folder / "test_batch") else replace(source, notes=(*source.notes, CHANGED))


def _is_published(test_batch: Path) -> bool:
    with test_batch.open("rb") as f:
        return hashlib.file_digest(f, "md5").hexdigest() == TEST_BATCH_MD5


def load_cifar100(folder: Path) -> Source:
    """Return CIFAR-100 with its fine labels; the test images are kept only once they are asked for."""
    return _load(folder, [folder / "train"], folder / "test", "fine_labels", CIFAR100)


def _load(folder: Path, train: Sequence[Path], test: Path, label_key: str, class_names: Sequence[str]) -> Source:
    def read(path: Path) -> tuple[NDArray[np.uint8], Labels]:
        return read_batch(path, label_key, len(class_names))

    images, labels = _stacked(train, read)
    test_labels = read(test)[1]  # labels and pixels share a file; the pixels are dropped here
    store = LazyStore(SHAPE, len(test_labels), lambda: ArrayStore(_stacked([test], read)[0]))
    return Source(class_names, Part(ArrayStore(images), labels), test=Part(store, test_labels), notes=(f"{folder}",))


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
        images[i * n : (i + 1) * n] = rows.reshape(n, 3, 32, 32).transpose(0, 2, 3, 1)
        labels.append(found)
        del rows  # before the next batch is read
    return images, np.concatenate(labels)

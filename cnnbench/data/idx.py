"""Reading IDX files, the format MNIST and Fashion-MNIST were published in (http://yann.lecun.com/exdb/mnist).

Two zero bytes, the type of the values (8: unsigned bytes), the number of axes, the length of each axis as a
big-endian 32-bit number, then the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.catalogue.class_names import FASHION_MNIST
from cnnbench.data.arrays import as_labels
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Part, Source
from cnnbench.errors import DataError, cause

MOST = 60_000  # images in a split


def read_idx(path: Path, allowed: Sequence[range]) -> NDArray[np.uint8]:
    """Return the unsigned bytes of a gzipped IDX file, each of whose axes has an allowed length.

    Raises DataError naming the file; no more of it is unpacked than its header promises.
    """
    axes = len(allowed)
    start = 4 + 4 * axes
    try:
        with gzip.open(path) as f:
            head = f.read(start)
            shape = _shape(head, allowed, path)
            wanted = math.prod(shape)
            values = f.read(wanted + 1)
    except (OSError, EOFError, zlib.error, struct.error) as e:
        raise DataError(f"{path}: cannot be read as gzip ({cause(e)})") from None
    if len(values) != wanted:
        found = "more than" if len(values) > wanted else f"{len(values)} of"
        raise DataError(f"{path}: {found} {wanted} bytes of values for shape {shape}")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _shape(head: bytes, allowed: Sequence[range], path: Path) -> tuple[int, ...]:
    axes = len(allowed)
    if head[:4] != bytes([0, 0, 8, axes]) or len(head) < 4 + 4 * axes:
        found = head[:4].hex() or "nothing"
        raise DataError(f"{path}: starts with {found}; an IDX file of {axes} axes starts with 000008{axes:02d}")
    shape = struct.unpack(f">{axes}I", head[4:])
    if not all(length in lengths for length, lengths in zip(shape, allowed, strict=True)):
        most = tuple(lengths[-1] for lengths in allowed)
        raise DataError(f"{path}: shape {shape}; allowed is {'up to ' * any(len(a) > 1 for a in allowed)}{most}")
    return shape


def load_fashion_mnist(folder: Path) -> Source:
    """Return Fashion-MNIST from its four files; the test images are read when first asked for."""
    train = folder / "train-images-idx3-ubyte.gz"
    labels = _labels(folder / "train-labels-idx1-ubyte.gz")
    test_labels = _labels(folder / "t10k-labels-idx1-ubyte.gz")
    test = LazyStore(
        (28, 28, 1), len(test_labels), lambda: _images(folder / "t10k-images-idx3-ubyte.gz", len(test_labels))
    )
    return Source(
        FASHION_MNIST,
        Part(_images(train, len(labels)), labels),
        test=Part(test, test_labels),
        notes=(f"{folder}",),
    )


def _images(path: Path, count: int) -> ArrayStore:
    images = read_idx(path, [range(n, n + 1) for n in (count, 28, 28)])
    return ArrayStore(images[..., None])


def _labels(path: Path) -> NDArray[np.int64]:
    labels = read_idx(path, [range(1, MOST + 1)])
    return as_labels(labels, len(labels), len(FASHION_MNIST), str(path))

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

from cnnbench.catalogue.sources import Facts, Shape
from cnnbench.data.arrays import as_labels
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Given, Part
from cnnbench.errors import DataError, cause


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


def read_splits(folder: Path, files: Sequence[str], facts: Facts, *, first: int = 0, transposed: bool = False) -> Given:
    """Return the images of four files: training images and labels, test images and labels, as many as `facts` allows.

    Those of the test split are read when first asked for. `first` is the label of the first class; images that are
    stored `transposed` are turned upright.
    """
    assert facts.shape is not None
    train, train_labels, test, test_labels = files
    labels = _labels(folder / train_labels, facts.train, facts, first)
    held_out = _labels(folder / test_labels, facts.test, facts, first)
    shape = facts.shape
    later = LazyStore(shape, len(held_out), lambda: _images(folder / test, len(held_out), shape, transposed))
    given = Part(_images(folder / train, len(labels), shape, transposed), labels)
    return Given(facts.class_names, given, test=Part(later, held_out), notes=(f"{folder}",))


def _images(path: Path, count: int, shape: Shape, transposed: bool) -> ArrayStore:
    images = read_idx(path, [range(n, n + 1) for n in (count, *shape[:2])])
    upright = np.ascontiguousarray(images.transpose(0, 2, 1)) if transposed else images
    return ArrayStore(upright[..., None])


def _labels(path: Path, most: int | None, facts: Facts, first: int) -> NDArray[np.int64]:
    labels = read_idx(path, [range(1, (most or 0) + 1)]).astype(np.int64)
    where = f"{path}: less {first}" if first else str(path)
    return as_labels(labels - first, len(labels), facts.classes, where)

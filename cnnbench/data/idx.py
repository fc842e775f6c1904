"""Reading IDX files, the format MNIST and Fashion-MNIST were published in (http://yann.lecun.com/exdb/mnist).

Two zero bytes, the type of the values (8: unsigned bytes), the number of axes, the length of each axis as a
big-endian 32-bit number, then the values.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.arrays import as_labels
from cnnbench.data.names import FASHION_MNIST
from cnnbench.data.stores import ArrayStore, LazyStore
from cnnbench.data.types import Part, Source
from cnnbench.errors import DataError


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """Return the unsigned bytes of a gzipped IDX file with that many axes, or raise DataError naming it."""
    try:
        with gzip.open(path) as f:
            content = f.read()
    except (OSError, EOFError, zlib.error) as e:
        raise DataError(f"{path}: cannot be read as gzip ({e})") from None
    start = 4 + 4 * axes
    if content[:4] != bytes([0, 0, 8, axes]) or len(content) < start:
        found = content[:4].hex() or "nothing"
        raise DataError(f"{path}: starts with {found}; an IDX file of {axes} axes starts with 000008{axes:02d}")
    shape = struct.unpack(f">{axes}I", content[4:start])
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise DataError(f"{path}: {len(content) - start} bytes of values for shape {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


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
    images = read_idx(path, 3)
    if images.shape != (count, 28, 28):
        raise DataError(f"{path}: images of shape {images.shape}; allowed is {(count, 28, 28)}")
    return ArrayStore(images[..., None])


def _labels(path: Path) -> NDArray[np.int64]:
    labels = read_idx(path, 1)
    return as_labels(labels, len(labels), len(FASHION_MNIST), str(path))

"""Tiny data sets in their original layouts, made of random pixels."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.io import savemat


def pixels(*shape: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def turns(count: int, classes: int = 10) -> NDArray[np.uint8]:
    """Labels 0, 1, 2, ..., 0, 1, ..."""
    return (np.arange(count) % classes).astype(np.uint8)


def write_npz(path: Path, **changed: Any) -> Path:
    """MNIST's arrays, 40 + 20 images; a value of None leaves an array out."""
    arrays = {
        "x_train": pixels(40, 28, 28),
        "y_train": turns(40),
        "x_test": pixels(20, 28, 28, seed=1),
        "y_test": turns(20),
    } | changed
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **{k: v for k, v in arrays.items() if v is not None})
    return path


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def packed(values: NDArray[np.uint8]) -> bytes:
    """An IDX file as it is published: compressed with gzip."""
    return gzip.compress(idx_bytes(values))


def write_fashion(folder: Path, train: int = 40, test: int = 20) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, count, seed in (("train", train, 0), ("t10k", test, 1)):
        for name, values in (
            (f"{prefix}-images-idx3-ubyte.gz", pixels(count, 28, 28, seed=seed)),
            (f"{prefix}-labels-idx1-ubyte.gz", turns(count)),
        ):
            (folder / name).write_bytes(packed(values))
    return folder


def write_svhn(folder: Path, train: int = 40, test: int = 20) -> Path:
    """Labels 1, 2, ..., 10, where 10 is the digit 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, count) in enumerate((("train", train), ("test", test))):
        images = pixels(count, 32, 32, 3, seed=seed)
        content = {"X": np.moveaxis(images, 0, 3), "y": turns(count)[:, None] + np.uint8(1)}
        savemat(folder / f"{name}_32x32.mat", content, do_compression=True)
    return folder


def write_emnist(folder: Path, variant: str, classes: int, first: int = 0) -> Path:
    """Two training images of each class and one to test; labels begin with `first`."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (split, count) in enumerate((("train", 2 * classes), ("test", classes))):
        for kind, values in (
            ("images-idx3", pixels(count, 28, 28, seed=seed)),
            ("labels-idx1", turns(count, classes) + np.uint8(first)),
        ):
            (folder / f"emnist-{variant}-{split}-{kind}-ubyte.gz").write_bytes(packed(values))
    return folder


def batch(count: int, seed: int = 0, key: str = "labels", classes: int = 10) -> dict[bytes, Any]:
    return {b"data": pixels(count, 3072, seed=seed), key.encode(): turns(count, classes).tolist()}


def write_cifar10(folder: Path, per_batch: int = 20, protocol: int = 2) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        (folder / name).write_bytes(pickle.dumps(batch(per_batch, seed), protocol=protocol))
    return folder


def write_cifar100(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(["train", "test"]):
        (folder / name).write_bytes(pickle.dumps(batch(400, seed, "fine_labels", 100), protocol=2))
    return folder


def write_image(path: Path, seed: int = 0, size: tuple[int, int] = (12, 12), mode: str = "RGB") -> Path:
    """`size` is (height, width)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels(*size, 3, seed=seed)).convert(mode).save(path)
    return path


def write_folder(root: Path, classes: tuple[str, ...] = ("cat", "dog"), per_class: int = 10, first: int = 0) -> Path:
    for k, name in enumerate(classes):
        for i in range(per_class):
            write_image(root / name / f"{i:03d}.png", seed=first + 1000 * k + i)
    return root

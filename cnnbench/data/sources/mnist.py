"""MNIST, as Keras has it: one NumPy archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import DIGITS, Facts, Published, Remote, Source
from cnnbench.errors import DataError

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

SHAPE = (28, 28, 1)

SOURCE = Source(
    "handwritten digits",
    Facts(SHAPE, DIGITS, 60000, 10000),
    Published(
        (".",),
        ("mnist.npz",),
        (
            Remote(  # SHA-256 as published in Keras' sources (keras/src/datasets)
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
                11490434,
                "mnist.npz",
            ),
        ),
    ),
    licence="CC-BY-SA-3.0",  # as Keras' sources state it (keras/src/datasets/mnist.py)
)


def load(data: Data, place: Path) -> Given:
    """Return the images; those of the test split are read when first asked for."""
    from cnnbench.data.npz import read_splits

    path = place / "mnist.npz"
    found = read_splits(path, DIGITS, lambda shape: SHAPE)  # anything else is refused here
    for part in (found.train, found.test):
        if part is None or part.store.shape != SHAPE:
            what = part.store.shape if part else "no test images"
            raise DataError(f"{path}: {what}; MNIST has training and test images of 28x28")
    return found

"""CIFAR-10: six pickled batches. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import Facts, Published, Remote, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

FOLDER = "cifar-10-batches-py"
TRAIN = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST = "test_batch"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# As torchvision's datasets/cifar.py has it. Whoever re-encodes the images changes every file, so one is enough.
TEST_BATCH_MD5 = "40351d587109b95175f43aff81a1287e"
CHANGED = "not the published CIFAR-10 files (test_batch has another MD5): images may be reordered or re-encoded"

SOURCE = Source(
    "animals and vehicles",
    Facts((32, 32, 3), CLASSES, 50000, 10000),
    Published(
        # Keras unpacks the archive into a folder of its own, named differently by different versions.
        (FOLDER, f"{FOLDER}-target/{FOLDER}", f"{FOLDER}-target_extracted/{FOLDER}"),
        (*TRAIN, TEST),
        (
            Remote(  # SHA-256 as published in Keras' sources (keras/src/datasets)
                "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                170498071,
                FOLDER,
                archive=True,
            ),
        ),
    ),
)


def load(data: Data, place: Path) -> Given:
    """Return the images of all batches; those of the test batch are kept only once they are asked for."""
    from cnnbench.data.cifar import read_splits

    found = read_splits([place / name for name in TRAIN], place / TEST, "labels", CLASSES)
    return found if _is_published(place / TEST) else replace(found, notes=(*found.notes, CHANGED))


def _is_published(test_batch: Path) -> bool:
    with test_batch.open("rb") as f:
        return hashlib.file_digest(f, "md5").hexdigest() == TEST_BATCH_MD5

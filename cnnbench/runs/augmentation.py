"""`augmentation.npz`: training images that the report shows, before and after augmentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import whole_file
from cnnbench.runs.samples import are_pictures


@dataclass(frozen=True)
class Augmentation:
    """Training images before, (a, H, W, C) uint8, and after augmentation, (a, v, H, W, C) uint8."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


def write_augmentation(path: Path, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> None:
    """Write the file; raises OutputError."""
    with whole_file(path) as part:
        np.savez_compressed(part, before=before, after=after)


def read_augmentation(path: Path) -> Augmentation | None:
    """Read the file, None where there is none; raises DataError where it holds something else."""
    if not path.exists():
        return None
    before, after = read_arrays(path, ("before", "after")).values()
    if not (are_pictures(before, 4) and are_pictures(after, 5) and len(before) == len(after)):
        raise DataError(f"{path}: does not hold images before and after augmentation")
    return Augmentation(before, after)

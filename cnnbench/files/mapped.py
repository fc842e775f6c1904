"""An array in a file of its own with a checksum behind it, mapped into memory rather than read."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.files.whole import whole_file

CHECKSUM = 4  # bytes of a CRC-32 of all that stands before them


def write_mapped(path: Path, array: NDArray[Any]) -> None:
    """Write an array as `NAME.npy`, whole; raises OutputError where the disk is full or cannot be written to."""
    with whole_file(path) as part:
        np.save(part, array, allow_pickle=False)
        checksum = zlib.crc32(np.memmap(part, np.uint8, "r").data)
        with part.open("ab") as file:
            file.write(checksum.to_bytes(CHECKSUM, "big"))


def mapped(path: Path) -> NDArray[Any] | None:
    """Return the array in a file, read-only and left on the disk until it is used, or None.

    None is for a file that is not there and for one that is not as it was written; all of it is read to tell.
    """
    try:
        whole = np.memmap(path, np.uint8, "r")
        if zlib.crc32(whole[:-CHECKSUM].data).to_bytes(CHECKSUM, "big") != whole[-CHECKSUM:].tobytes():
            return None
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError):
        return None

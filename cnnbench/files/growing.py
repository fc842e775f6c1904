"""An array on disk that is filled from its first row on, if need be by one process after the other."""

from __future__ import annotations

import errno
import math
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.files.whole import unwritable, write_text

SECONDS = 15.0  # of work that a kill can cost


class Growing:
    """Float32 rows of a file that is not whole yet; `reached` of them are there."""

    def __init__(self, part: Path, mark: Path, shape: Sequence[int]) -> None:
        self._mark = mark
        self.reached = _reached(part, mark, tuple(shape))
        if not self.reached:
            mark.unlink(missing_ok=True)  # before there is a file that it could be taken for
            _create(part, tuple(shape))
        self._rows = np.lib.format.open_memmap(part, mode="r+")
        self._saved = time.monotonic()

    def add(self, rows: NDArray[np.float32]) -> None:
        """Put rows behind those that are there."""
        self._rows[self.reached : self.reached + len(rows)] = rows
        self.reached += len(rows)
        if time.monotonic() - self._saved > SECONDS:
            self.save()

    def save(self) -> None:
        """Have the rows on disk, and then the word of how many they are."""
        self._rows.flush()
        write_text(self._mark, str(self.reached))
        self._saved = time.monotonic()


@contextmanager
def growing(path: Path, shape: Sequence[int]) -> Iterator[Growing]:
    """Yield the rows of a file to be, those of an interrupted process among them; in the end it is renamed to `path`.

    Who asks for it keeps others out. Raises OutputError where the disk has no room or the place cannot be written to.
    """
    part, mark = path.with_suffix(".part"), path.with_suffix(".reached")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = Growing(part, mark, shape)
        try:
            yield rows
        finally:
            rows.save()
        part.replace(path)
        mark.unlink()
    except OSError as e:
        with suppress(OSError):
            part.unlink()
        raise unwritable(path, e) from e


def _reached(part: Path, mark: Path, shape: tuple[int, ...]) -> int:
    """Return how many rows are in a file, 0 where it is none of this shape."""
    try:
        found = np.load(part, mmap_mode="r", allow_pickle=False)
        reached = int(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return reached if found.shape == shape and found.dtype == np.float32 and 0 < reached <= len(found) else 0


def _create(part: Path, shape: tuple[int, ...]) -> None:
    """Create a file of zeros with its room on the disk: where there is none, writing to its pages ends the process."""
    if shutil.disk_usage(part.parent).free < 4 * math.prod(shape):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    np.lib.format.open_memmap(part, mode="w+", dtype=np.float32, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with part.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, part.stat().st_size)

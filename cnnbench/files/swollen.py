"""Files that say to hold far more than they can: refused before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from pathlib import Path
from zipfile import ZipFile

from cnnbench.errors import DataError

MOST_TIMES = 100  # that arrays may be as large as their file: trained weights hardly shrink, zeros do by a thousand
ALWAYS = 64 * 2**20  # bytes that are read however small the file is


def refuse_swollen(path: Path, sizes: Iterable[tuple[Sequence[int], int]]) -> None:
    """Raise DataError where arrays (shape, bytes of a number) say to be far larger than the file that holds them."""
    declared = sum(prod(shape) * bytes_ for shape, bytes_ in sizes)
    held = path.stat().st_size
    if declared > max(ALWAYS, MOST_TIMES * held):
        raise DataError(
            f"{path}: says to hold {declared / 2**30:.1f} GiB in a file of {held / 2**20:.1f} MiB; not read"
        )


def refuse_swollen_archive(path: Path, archive: ZipFile) -> None:
    """Raise DataError where the members of an archive say to be far larger than it."""
    refuse_swollen(path, (((info.file_size,), 1) for info in archive.infolist()))

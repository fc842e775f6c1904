"""What tells the images of a split from all others: a SHA-256 of the split and a short checksum of each image."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.chunks import chunks
from cnnbench.data.files import ImageFolder
from cnnbench.data.stores import without_keeping
from cnnbench.data.types import Split
from cnnbench.machine.runtime import available_cores

WHOLE_BELOW = 2**30  # bytes of a split's files that are worth reading to the last one
SAMPLE = 2**14  # bytes read at the start, in the middle and at the end of each file of a larger split
WHOLE = "file names, file sizes, labels and all bytes"
SAMPLED = "file names, file sizes, labels and samples of the bytes"
PIXELS = "pixels and labels"
BYTES = 32  # of a SHA-256
ABSENT = "00" * BYTES  # of a file that cannot be read
DIGITS = 8  # of a checksum: enough to name the image that changed, the SHA-256 stands for the split


@dataclass(frozen=True)
class Seen:
    """What files were when their bytes were read: a row of `digests` for each, uint8 of shape (n, 32), and `changed`.

    No two files have the same digest, a SHA-256. `changed` is when each last changed by the clock of its file system,
    nanoseconds that no program sets, and 0 for a file that is not there.
    """

    digests: NDArray[np.uint8]
    changed: NDArray[np.int64]


@dataclass(frozen=True)
class Content:
    """A split's SHA-256, `of` what it is taken, and a checksum of 8 hex digits for each image, "" for a missing file.

    Images count as the source gives them, before they are brought to size, so that networks of different input sizes
    can be compared: files by their bytes, all others by their pixels. Of files, `seen` has more, which is not recorded.
    """

    sha256: str
    of: str
    checksums: Sequence[str]
    seen: Seen | None = field(default=None, repr=False, compare=False)

    @property
    def fingerprint(self) -> dict[str, str]:
        """What tells whether two runs were tested on the same images."""
        return {"sha256": self.sha256, "of": self.of}


def content_of(split: Split, like: str | None = None) -> Content:
    """Return what a split holds; `like` is `of` an earlier content that it will be held against. No file is decoded."""
    if isinstance(split.store, ImageFolder):
        return _of_files(split, split.store, like)
    digest, checksums = _labelled(split), []
    store = without_keeping(split.store)
    for positions in chunks(len(split), store.shape):
        for image in store.fetch(split.rows[positions]):
            pixels = image.tobytes()
            digest.update(pixels)
            checksums.append(f"{zlib.crc32(pixels):0{DIGITS}x}")
    return Content(digest.hexdigest(), PIXELS, checksums)


def _of_files(split: Split, store: ImageFolder, like: str | None) -> Content:
    paths = [store.root / store.files[row] for row in split.rows]
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="checksum") as pool:
        stats = list(pool.map(_stat, paths))
        sizes = [None if stat is None else stat.st_size for stat in stats]
        whole = sum(filter(None, sizes)) < WHOLE_BELOW if like is None else like != SAMPLED
        digests = list(pool.map(lambda path: _digest(path, whole), paths))
    digest = _labelled(split)
    digest.update("\n".join(map("{}\t{}\t{}".format, split.names, sizes, digests)).encode())
    of = WHOLE if whole else SAMPLED
    return Content(digest.hexdigest(), of, [d[:DIGITS] for d in digests], _seen(stats, digests, whole))


def _seen(stats: Sequence[os.stat_result | None], digests: Sequence[str], whole: bool) -> Seen:
    """Return what tells files apart: where only samples of them were read, the time of their last change does too."""
    changed = _changes(stats)
    raw = [bytes.fromhex(digest or ABSENT) for digest in digests]
    if not whole:
        raw = [hashlib.sha256(f"{one.hex()} {when}".encode()).digest() for one, when in zip(raw, changed, strict=True)]
    return Seen(np.frombuffer(b"".join(raw), np.uint8).reshape(len(raw), BYTES), changed)


def last_changes(paths: Sequence[Path]) -> NDArray[np.int64]:
    """Return when each file last changed, as `Seen.changed` has it."""
    return _changes([_stat(path) for path in paths])


def _changes(stats: Sequence[os.stat_result | None]) -> NDArray[np.int64]:
    return np.array([0 if stat is None else stat.st_ctime_ns for stat in stats], np.int64)


def _labelled(split: Split) -> hashlib._Hash:
    return hashlib.sha256(split.labels.astype("<i8").tobytes())


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _digest(path: Path, whole: bool) -> str:
    """Return a SHA-256 of a file's bytes, or of its size and samples of them; "" where it cannot be read."""
    if not path.is_file():  # gone, or something that has no end
        return ""
    try:
        with path.open("rb") as f:
            if whole:
                return hashlib.file_digest(f, "sha256").hexdigest()
            size = path.stat().st_size
            digest = hashlib.sha256(str(size).encode())
            for start in (0, (size - SAMPLE) // 2, size - SAMPLE):
                f.seek(max(0, start))
                digest.update(f.read(SAMPLE))
            return digest.hexdigest()
    except OSError:
        return ""

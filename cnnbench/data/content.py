"""What tells the images of a split from all others: a SHA-256 of the split and a short checksum of each image."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.asked import answers
from cnnbench.data.chunks import chunks
from cnnbench.data.files import ImageFolder
from cnnbench.data.stores import without_keeping
from cnnbench.data.types import Rows, Split

WHOLE_BELOW = 2**30  # bytes of a split's files that are worth reading to the last one
SAMPLE = 2**14  # bytes read at the start, in the middle and at the end of each file of a larger split
WHOLE = "file names, file sizes, labels and all bytes"
SAMPLED = "file names, file sizes, labels and samples of the bytes"
PIXELS = "pixels and labels"
BYTES = 32  # of a SHA-256
ABSENT = "00" * BYTES  # of a file that cannot be read
NONE = -1  # the size of a file that is not there
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
        images = np.ascontiguousarray(store.fetch(split.rows[positions]))
        digest.update(images.data)
        checksums += [f"{zlib.crc32(image):0{DIGITS}x}" for image in images]
    return Content(digest.hexdigest(), PIXELS, checksums)


def _of_files(split: Split, store: ImageFolder, like: str | None) -> Content:
    paths = _Paths(store, split.rows)
    sizes, changed = _stats(paths)
    whole = bool(sizes[sizes > 0].sum() < WHOLE_BELOW) if like is None else like != SAMPLED
    digest, checksums = _labelled(split), []
    seen = np.empty((len(split), BYTES), np.uint8)
    found_in = answers(lambda path: _digest(path, whole), paths)
    told = zip(split.names, sizes.tolist(), changed.tolist(), found_in, strict=True)
    for row, (name, size, when, (_, found)) in enumerate(told):
        line = f"{name}\t{None if size == NONE else size}\t{found}"
        digest.update(f"{line}\n".encode() if row < len(split) - 1 else line.encode())
        checksums.append(found[:DIGITS])
        seen[row] = np.frombuffer(_apart(found or ABSENT, when, whole), np.uint8)
    return Content(digest.hexdigest(), WHOLE if whole else SAMPLED, checksums, Seen(seen, changed))


def _apart(digest: str, changed: int, whole: bool) -> bytes:
    """Return what tells a file from all others: where only samples were read, the time of its last change does too."""
    return bytes.fromhex(digest) if whole else hashlib.sha256(f"{digest} {changed}".encode()).digest()


def last_changes(store: ImageFolder, rows: Rows) -> NDArray[np.int64]:
    """Return when each of these files last changed, as `Seen.changed` has it."""
    return _stats(_Paths(store, rows))[1]


@dataclass(frozen=True)
class _Paths(Iterable[Path]):
    """The files of some rows, as often as they are gone through."""

    store: ImageFolder
    rows: Rows

    def __iter__(self) -> Iterator[Path]:
        return (self.store.root / self.store.files[row] for row in self.rows)


def _labelled(split: Split) -> hashlib._Hash:
    return hashlib.sha256(split.labels.astype("<i8").tobytes())


def _stats(paths: Iterable[Path]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the size of each file, `NONE` where there is none, and when it last changed, 0 there."""
    found = np.fromiter(chain.from_iterable(stat for _, stat in answers(_stat, paths)), np.int64)
    return found[::2], found[1::2]


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return NONE, 0
    return found.st_size, found.st_ctime_ns


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

"""What tells the images of a split from all others: a SHA-256 of the split and a short checksum of each image."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

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
DIGITS = 8  # of a checksum: enough to name the image that changed, the SHA-256 stands for the split


@dataclass(frozen=True)
class Content:
    """A split's SHA-256, `of` what it is taken, and a checksum of 8 hex digits for each image, "" for a missing file.

    Images count as the source gives them, before they are brought to size, so that networks of different input sizes
    can be compared: files by their bytes, all others by their pixels.
    """

    sha256: str
    of: str
    checksums: Sequence[str]

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
        sizes = list(pool.map(_size, paths))
        whole = sum(filter(None, sizes)) < WHOLE_BELOW if like is None else like != SAMPLED
        digests = list(pool.map(lambda path: _digest(path, whole), paths))
    digest = _labelled(split)
    digest.update("\n".join(map("{}\t{}\t{}".format, split.names, sizes, digests)).encode())
    return Content(digest.hexdigest(), WHOLE if whole else SAMPLED, [d[:DIGITS] for d in digests])


def _labelled(split: Split) -> hashlib._Hash:
    return hashlib.sha256(split.labels.astype("<i8").tobytes())


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
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

"""Image files without their metadata: which way is up is read, and nothing else of it, not by Pillow either.

Cameras and programs write tags of wrong types and lengths, and a reader that parses them all fails on pictures whose
pixels are whole. The four formats that carry EXIF are walked here as far as to the one tag, 0x0112.
"""

from __future__ import annotations

import io
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

UPRIGHT = 1
ORIENTATION = 0x0112
EXIF = b"Exif\0\0"
BUFFER = 1 << 16  # bytes read at a time
MOST_TAGS = 4096  # in a directory; real ones have some tens
INTEGERS = {1: "B", 3: "H", 4: "I"}  # TIFF's types for numbers without a sign, which an orientation may have

# What a TIFF's pixels cannot be decoded without: layout, compression, colours; no resolution, no text, no more pages.
PIXEL_TAGS = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 332, 338, 339, 347}
    | {*range(512, 522), 529, 530, 531, 532}
)
KEPT_SEGMENTS = (0xE0, 0xEE)  # of a JPEG's application segments: those that say how colours are stored


class Patch(NamedTuple):
    """Bytes that a file is read with in place of its own."""

    at: int
    content: bytes


class _Patched(io.RawIOBase):
    """A file read as if it had other bytes in some places; without a number that a library could read it by."""

    _file: io.FileIO | io.BytesIO

    def __init__(self, source: Path | bytes) -> None:
        if isinstance(source, bytes):
            self._file, self._size = io.BytesIO(source), len(source)
        else:
            self._file, self._size = source.open("rb", buffering=0), source.stat().st_size
        self.patches: Sequence[Patch] = ()

    def readinto(self, buffer: WriteableBuffer) -> int:
        start = self._file.tell()
        count = self._file.readinto(buffer) or 0
        view = memoryview(buffer).cast("B")
        for at, content in self.patches:
            first, last = max(at, start), min(at + len(content), start + count)
            if first < last:
                view[first - start : last - start] = content[first - at : last - at]
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        # Nothing lies behind the end, and no file system goes to all the places that 64 bits can name.
        return self._file.seek(min(offset, self._size) if whence == io.SEEK_SET else offset, whence)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def open_without_metadata(source: Path | bytes) -> tuple[BinaryIO, int]:
    """Return a file, or its bytes, to decode and its orientation, 1..8 as EXIF counts them; others are 1, upright.

    Raises OSError where there is no such regular file, or one that was plainly cut.
    """
    if not isinstance(source, bytes):
        refuse_special(source)
    raw = _Patched(source)
    try:
        reader = io.BufferedReader(raw)
        orientation, raw.patches = _walk(reader)
        reader.detach()  # what it has buffered is not patched
        raw.seek(0)
    except BaseException:
        raw.close()
        raise
    return io.BufferedReader(raw, BUFFER), orientation if 1 <= orientation <= 8 else UPRIGHT


def refuse_special(path: Path) -> None:
    """Raise OSError for devices and for named pipes, which would be waited for without end."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a folder says so itself
        raise OSError("not a regular file")


def _walk(f: BinaryIO) -> tuple[int, list[Patch]]:
    start = f.read(12)
    for signature, walk in WALKS.items():
        if start.startswith(signature):
            return walk(f)
    return UPRIGHT, []


def _jpeg(f: BinaryIO) -> tuple[int, list[Patch]]:
    """Make application segments unknown ones, whose content nobody looks at."""
    orientation, patches, at = UPRIGHT, [], 2
    while (head := _at(f, at, 4)).startswith(b"\xff") and len(head) == 4:
        marker, length = head[1], int.from_bytes(head[2:])
        if marker == 0xFF:  # a byte to fill up with
            at += 1
            continue
        if marker == 0xDA or length < 2:  # pixels begin, or nothing that can be understood
            break
        if marker == 0xE1 and orientation == UPRIGHT and f.read(len(EXIF)) == EXIF:
            orientation = _exif(f, at + 10)
        if 0xE0 <= marker <= 0xEE and marker not in KEPT_SEGMENTS:
            patches.append(Patch(at + 1, b"\xef"))
        at += 2 + length
    return orientation, patches


def _png(f: BinaryIO) -> tuple[int, list[Patch]]:
    """Walk to the end, so that a file that was cut is known by its headers; raises OSError for it."""
    size, orientation, at = f.seek(0, io.SEEK_END), UPRIGHT, 8
    while len(head := _at(f, at, 8)) == 8 and not head.endswith(b"IEND"):
        behind = at + 8 + int.from_bytes(head[:4])
        if behind > size:
            raise OSError("image file is truncated")
        if head.endswith(b"eXIf") and orientation == UPRIGHT:
            orientation = _exif(f, at + 8)
        at = behind + 4
    return orientation, []


def _webp(f: BinaryIO) -> tuple[int, list[Patch]]:
    at = 12
    while len(head := _at(f, at, 8)) == 8:
        if head.startswith(b"EXIF"):
            return _exif(f, at + 8), []
        length = int.from_bytes(head[4:], "little")
        at += 8 + length + length % 2
    return UPRIGHT, []


def _tiff(f: BinaryIO) -> tuple[int, list[Patch]]:
    """Make the first directory one that describes pixels, and the last one."""
    found = _directory(f, 0)
    if found is None:
        return UPRIGHT, []
    kept = b"".join(entry for tag, entry in found.entries if tag in PIXEL_TAGS)
    number = struct.pack(found.number, len(kept) // found.entry)
    return found.orientation, [Patch(found.at, number + kept + bytes(8 if found.entry == 20 else 4))]


def _exif(f: BinaryIO, at: int) -> int:
    """Return the orientation in EXIF data, which is a TIFF file without pixels, at times behind its name."""
    while _at(f, at, len(EXIF)) == EXIF:
        at += len(EXIF)
    found = _directory(f, at)
    return UPRIGHT if found is None else found.orientation


@dataclass(frozen=True)
class _Directory:
    """Where a directory of tags lies, how its number of entries is written, their size, and each by its tag."""

    at: int
    number: str
    entry: int
    entries: list[tuple[int, bytes]]

    @property
    def orientation(self) -> int:
        """The first tag 0x0112 where it is one whole number, else upright."""
        order, wide = self.number[0], self.entry == 20
        value = next((entry for tag, entry in self.entries if tag == ORIENTATION), None)
        if value is None:
            return UPRIGHT
        kind, count = struct.unpack_from(order + ("HQ" if wide else "HI"), value, 2)
        if count != 1 or kind not in INTEGERS:
            return UPRIGHT
        return int(struct.unpack_from(order + INTEGERS[kind], value, 12 if wide else 8)[0])


def _directory(f: BinaryIO, base: int) -> _Directory | None:
    """Return the first directory of the TIFF data at `base`, None where it is not whole."""
    head = _at(f, base, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    wide = struct.unpack_from(order + "H", head, 2)[0] == 43  # BigTIFF
    if wide and len(head) < 16:
        return None
    at = base + int(struct.unpack_from(order + ("Q" if wide else "I"), head, 8 if wide else 4)[0])
    number, entry = order + ("Q" if wide else "H"), 20 if wide else 12
    found = _at(f, at, struct.calcsize(number))
    if len(found) < struct.calcsize(number) or (tags := struct.unpack(number, found)[0]) > MOST_TAGS:
        return None
    return _Directory(at, number, entry, list(_entries(f.read(tags * entry), order, entry)))


def _entries(content: bytes, order: str, size: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(content) - size + 1, size):
        yield struct.unpack_from(order + "H", content, start)[0], content[start : start + size]


def _at(f: BinaryIO, at: int, count: int) -> bytes:
    if at >= 1 << 63:
        return b""
    f.seek(at)
    return f.read(count)


WALKS: dict[bytes, Callable[[BinaryIO], tuple[int, list[Patch]]]] = {
    b"\xff\xd8": _jpeg,
    b"\x89PNG\r\n\x1a\n": _png,
    b"RIFF": _webp,
    b"II": _tiff,
    b"MM": _tiff,
}

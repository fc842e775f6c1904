"""Image files: reading one, and a store that decodes them as they are asked for."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnnbench.data.chunks import chunks
from cnnbench.data.prepare import Size, Target, prepare
from cnnbench.data.types import Rows
from cnnbench.errors import DataError
from cnnbench.runtime import available_cores

# Pillow's readers that decode pixels themselves; the ones that call other programs (EPS) are never tried.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
EXTENSIONS = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm"}
)
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"})
BROKEN = (
    OSError,  # includes Pillow's UnidentifiedImageError
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    EOFError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
CHUNK = 256  # headers read at a time
SHOWN = 10  # problems printed before "... and n more"


def read_image(path: Path) -> Image.Image:
    """Return the image in a file with 8 bits per channel, turned upright as its EXIF orientation says.

    16-bit grey values are scaled to 8 bits; of an animation it is the first frame. Raises DataError naming the
    file where it is missing, corrupt, truncated, of another format or of a colour mode that has no 8-bit meaning.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return _eight_bit(image)
    except DataError as e:
        raise DataError(f"{path}: {e}") from None
    except BROKEN as e:
        raise DataError(f"{path}: not an image that can be read ({_reason(e, path)})") from None


def read_size(path: Path) -> Size:
    """Return (height, width) of an upright image from its header alone; raises DataError naming the file."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            # Orientations 5..8 swap the sides; Pillow has done so for a TIFF's size already.
            turned = image.format != "TIFF" and image.getexif().get(0x0112, 1) >= 5
            return image.size if turned else (image.height, image.width)
    except BROKEN as e:
        raise DataError(f"{path}: not an image that can be read ({_reason(e, path)})") from None


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in MODES:
        return image
    if image.mode != "I" and not image.mode.startswith("I;16"):
        raise DataError(f"colour mode {image.mode} is not supported; save it as RGB or grey")
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise DataError(f"grey values {values.min()}..{values.max()}; allowed are 8 and 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _reason(error: BaseException, path: Path) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "no known image format" if text.startswith("cannot identify") else text.replace(str(path), path.name)


class ImageFolder:
    """Image files decoded and prepared each time they are fetched, on all processors; nothing is kept.

    `files` are paths relative to `root`; `target.size` is given, since a batch needs one size.
    """

    def __init__(self, root: Path, files: Sequence[str], target: Target) -> None:
        assert target.size is not None
        self.root = root
        self.files = files
        self.target = target
        self.shape = (*target.size, target.channels)

    def __len__(self) -> int:
        return len(self.files)

    def fetch(self, rows: Rows) -> NDArray[np.uint8]:
        """Return the images of `rows`; raises DataError naming the files that cannot be read."""
        images, problems = self._decode(rows)
        refuse(list(problems.values()))
        return images

    def problems(self, rows: Rows) -> dict[int, str]:
        """Decode `rows` and drop the pixels; return what is wrong with those that cannot be read, by row."""
        found: dict[int, str] = {}
        for positions in chunks(len(rows), self.shape):
            found |= self._decode(rows[positions])[1]
        return found

    def unreadable(self, rows: Rows) -> list[str]:
        """Return what the headers of the files in `rows` tell to be wrong with them; no pixel is decoded."""
        return [problem for problem in self._pool.map(self._header_problem, rows.tolist()) if problem]

    def _decode(self, rows: Rows) -> tuple[NDArray[np.uint8], dict[int, str]]:
        images = np.zeros((len(rows), *self.shape), np.uint8)
        problems: dict[int, str] = {}

        def decode(i: int) -> None:
            try:
                images[i] = self._image(int(rows[i]))
            except DataError as e:
                problems[int(rows[i])] = str(e)

        for _ in self._pool.map(decode, range(len(rows))):
            pass
        return images, dict(sorted(problems.items()))

    def _header_problem(self, row: int) -> str | None:
        try:
            read_size(self.root / self.files[row])
        except DataError as e:
            return str(e)
        return None

    def _image(self, row: int) -> NDArray[np.uint8]:
        path, t = self.root / self.files[row], self.target
        image = read_image(path)
        try:
            return prepare(image, t.size, t.fit, t.channels, t.color)
        except DataError as e:
            raise DataError(f"{path}: {e}") from None

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(available_cores(), thread_name_prefix="decode")

    def __getstate__(self) -> dict[str, object]:
        return {k: v for k, v in self.__dict__.items() if k != "_pool"}


def refuse(problems: Sequence[str]) -> None:
    """Raise DataError with a line for each problem, or for the first ones and how many more there are."""
    if len(problems) > SHOWN:
        more = f"... and {len(problems) - SHOWN} more; on_bad_image: skip leaves such files out"
        problems = [*problems[:SHOWN], more]
    if problems:
        raise DataError(*problems)


def common_size(root: Path, files: Sequence[str], target: Target) -> Target:
    """Return `target` with the one size all files have, read from their headers.

    Raises DataError naming two files where sizes differ. Files that cannot be read are left to `problems`.
    """
    first: tuple[str, Size] | None = None
    with ThreadPoolExecutor(available_cores()) as pool:
        for start in range(0, len(files), CHUNK):
            chunk = files[start : start + CHUNK]
            for name, size in zip(chunk, pool.map(lambda f: _size_or_none(root / f), chunk), strict=True):
                if size is None:
                    continue
                first = first or (name, size)
                if size != first[1]:
                    raise DataError(_mixed(root, first, (name, size)))
    return replace(target, size=first[1] if first else (1, 1))


def _size_or_none(path: Path) -> Size | None:
    try:
        return read_size(path)
    except DataError:
        return None


def _mixed(root: Path, one: tuple[str, Size], other: tuple[str, Size]) -> str:
    (a, (ha, wa)), (b, (hb, wb)) = one, other
    return f"{root}: images differ in size ({a} is {wa}x{ha}, {b} is {wb}x{hb}); set data.image_size"

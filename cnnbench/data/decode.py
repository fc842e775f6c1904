"""Decoding one image file, and saying which file it was where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cnnbench.data.grey import eight_bit, extremes, is_wide_grey
from cnnbench.data.metadata import ORIENTATION, UPRIGHT, open_without_metadata, refuse_special
from cnnbench.data.prepare import Size
from cnnbench.errors import DataError, cause

# Pillow's readers that decode pixels themselves; the ones that call other programs (EPS) are never tried.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
EXTENSIONS = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm"}
)
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"})
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def named(path: Path | str) -> Iterator[None]:
    """Raise a DataError that names the file for whatever goes wrong with its image while it is decoded or prepared."""
    try:
        yield
    except DataError as e:
        raise DataError(f"{path}: {e}") from None
    except MemoryError:
        raise
    except Exception as e:  # of damaged files Pillow's readers raise nearly anything: AssertionError, struct.error, ...
        raise DataError(f"{path}: not an image that can be read ({_reason(e)})") from None


def decode(source: Path | bytes, grey_bits: int | None = None) -> Image.Image:
    """Return the image in a file, or in its bytes, with 8 bits per channel, upright as its EXIF orientation says.

    16-bit grey values of which `grey_bits` are in use are scaled to 8 bits; of an animation it is the first frame. To
    be called inside `named`: it raises all kinds of errors where the file is missing, corrupt, truncated, of another
    format or of a colour mode that has no 8-bit meaning.
    """
    file, orientation = open_without_metadata(source)
    with file, Image.open(file, formats=FORMATS) as image:
        return _upright(image, orientation, grey_bits)


def in_memory(image: Image.Image, grey_bits: int | None = None) -> Image.Image:
    """Return an image of Pillow's as `decode` returns the one in a file; to be called inside `named`."""
    return _upright(image, image.getexif().get(ORIENTATION, UPRIGHT), grey_bits)


def _upright(image: Image.Image, orientation: int, grey_bits: int | None) -> Image.Image:
    image.load()
    turn = TURNS.get(orientation)
    return _eight_bit(image if turn is None else image.transpose(turn), grey_bits)


def read_size(path: Path) -> Size:
    """Return (height, width) of an upright image from its header alone; raises DataError naming the file."""
    with named(path):
        return size_of(path)


def size_of(source: Path | bytes) -> Size:
    """Return (height, width) as `read_size` does; to be called inside `named`, as `decode` is."""
    file, orientation = open_without_metadata(source)
    with file, Image.open(file, formats=FORMATS) as image:
        return image.size if orientation >= 5 else (image.height, image.width)


def largest_grey(path: Path) -> int | None:
    """Return the largest value of a grey image with more than 8 bits, None for others and where there is no image."""
    try:
        with named(path):
            if not _may_be_wide(path):
                return None
            file, _ = open_without_metadata(path)
            with file, Image.open(file, formats=FORMATS) as image:
                return extremes(image)[1] if is_wide_grey(image) else None
    except DataError:
        return None


def _may_be_wide(path: Path) -> bool:
    """Whether the first bytes allow for a grey image of 16 bits; Pillow takes ten times as long to say so."""
    refuse_special(path)
    with path.open("rb") as f:
        head = f.read(26)
    if head.startswith(b"\x89PNG"):
        return head[24:26] == bytes([16, 0])  # bits, and grey
    return head.startswith((b"II", b"MM", b"P5", b"P2"))


def _eight_bit(image: Image.Image, grey_bits: int | None) -> Image.Image:
    if image.mode in ("P", "PA") and image.palette is None:
        raise DataError("a palette picture without its palette")
    if image.mode in MODES:
        return image
    if not is_wide_grey(image):
        raise DataError(f"colour mode {image.mode} is not supported; save it as RGB or grey")
    return eight_bit(image, grey_bits)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no known image format"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return cause(error)

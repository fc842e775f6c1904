from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from cnnbench.data.decode import decode, read_size
from cnnbench.data.metadata import ORIENTATION, open_without_metadata
from tests.builders.images import pixels

Tag = tuple[int, int, int, bytes]  # number, type, count and the bytes of the value in the order "<"

MAKE, X_RESOLUTION, UNIT = 0x010F, 0x011A, 0x0128
TURN = (ORIENTATION, 3, 1, struct.pack("<H", 6))
ODD: dict[str, list[Tag]] = {
    "a maker that is a rational number": [(MAKE, 5, 1, struct.pack("<II", 1, 3)), TURN],
    "a maker that lies outside": [(MAKE, 2, 1 << 30, b"\xff\xff\xff\x7f"), TURN],
    "a resolution that is text": [TURN, (X_RESOLUTION, 2, 6, b"hello\0"), (UNIT, 3, 1, struct.pack("<H", 3))],
    "a resolution of no value": [TURN, (X_RESOLUTION, 5, 0, b""), (UNIT, 3, 1, struct.pack("<H", 2))],
    "a resolution of bytes": [TURN, (X_RESOLUTION, 7, 3, b"abc"), (UNIT, 7, 3, b"abc")],
    "a pointer to nowhere": [TURN, (0x8769, 4, 1, b"\xff" * 4), (0x8825, 11, 1, b"\xff" * 4)],
}
UPRIGHT: dict[str, Tag] = {
    "too large": (ORIENTATION, 3, 1, struct.pack("<H", 9)),
    "zero": (ORIENTATION, 3, 1, struct.pack("<H", 0)),
    "text": (ORIENTATION, 2, 2, b"6\0"),
    "two of them": (ORIENTATION, 3, 2, struct.pack("<HH", 6, 6)),
    "negative": (ORIENTATION, 9, 1, struct.pack("<i", -6)),
    "rational": (ORIENTATION, 5, 1, struct.pack("<II", 6, 1)),
}


def exif(*tags: Tag) -> bytes:
    """EXIF data as cameras write it, with values that its tags are not meant to have."""
    found, values, behind = struct.pack("<2sHIH", b"II", 42, 8, len(tags)), b"", 8 + 2 + 12 * len(tags) + 4
    for number, kind, count, value in tags:
        at = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", behind + len(values))
        values += value if len(value) > 4 else b""
        found += struct.pack("<HHI", number, kind, count) + at
    return b"Exif\0\0" + found + bytes(4) + values


def written(path: Path, *tags: Tag) -> Path:
    Image.fromarray(pixels(8, 16, 3)).save(path, exif=exif(*tags))
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("tags", ODD.values(), ids=ODD)
def test_odd_tags_beside_the_orientation_are_not_looked_at(tmp_path: Path, suffix: str, tags: list[Tag]) -> None:
    path = written(tmp_path / f"x.{suffix}", *tags)
    assert read_size(path) == (16, 8) and decode(path).size == (8, 16)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("tag", UPRIGHT.values(), ids=UPRIGHT)
def test_unknown_orientations_are_upright_in_size_too(tmp_path: Path, suffix: str, tag: Tag) -> None:
    path = written(tmp_path / f"x.{suffix}", tag)
    assert read_size(path) == (8, 16) and decode(path).size == (16, 8)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_odd_tags_of_a_tiff(tmp_path: Path, compression: str, big: bool) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for number, kind, value in ((ORIENTATION, 3, 6), (X_RESOLUTION, 2, "hello"), (UNIT, 3, 3), (0x8769, 4, 1 << 31)):
        tags.tagtype[number] = kind
        tags[number] = value
    stored = pixels(8, 16, 3)
    Image.fromarray(stored).save(tmp_path / "x.tif", tiffinfo=tags, compression=compression, big_tiff=big)
    assert read_size(tmp_path / "x.tif") == (16, 8)
    assert (np.asarray(decode(tmp_path / "x.tif")) == np.rot90(stored, -1)).all()


def test_pixels_are_those_of_the_file_with_its_metadata(tmp_path: Path) -> None:
    for name, options in {"x.jpg": {"icc_profile": bytes(90_000)}, "cmyk.jpg": {}, "x.png": {}, "x.tif": {}}.items():
        image = Image.fromarray(pixels(40, 30, 3)).convert("CMYK" if name == "cmyk.jpg" else "RGB")
        image.save(tmp_path / name, exif=exif((MAKE, 2, 5, b"ACME\0")), **options)
        assert (np.asarray(decode(tmp_path / name)) == np.asarray(Image.open(tmp_path / name))).all()


def test_any_few_bytes_of_metadata_are_walked_to_an_end(tmp_path: Path) -> None:
    whole = [written(tmp_path / f"x.{s}", *ODD["a resolution of bytes"]).read_bytes() for s in ("jpg", "png", "webp")]
    Image.new("L", (4, 4)).save(tmp_path / "x.tif", big_tiff=True)
    whole.append((tmp_path / "x.tif").read_bytes())
    path, rng = tmp_path / "damaged", np.random.default_rng(0)
    for i in range(400):
        damaged = bytearray(whole[i % 4])
        for at in rng.integers(min(len(damaged), 120), size=3):
            damaged[at] = rng.choice([0, 1, 6, 42, 43, 127, 128, 255])
        path.write_bytes(bytes(damaged[: rng.integers(len(damaged))] if i % 3 == 0 else damaged))
        try:
            file, orientation = open_without_metadata(path)
        except OSError as e:
            assert str(e) == "image file is truncated"
            continue
        with file:
            assert orientation in range(1, 9) and len(file.read()) == path.stat().st_size

from __future__ import annotations

import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnbench.data import grey
from cnnbench.data.decode import EXTENSIONS, decode, named, read_size
from cnnbench.data.prepare import prepare
from cnnbench.errors import DataError
from tests.builders.images import write_image


def read_image(path: Path) -> Image.Image:
    with named(path):
        return decode(path)


@pytest.mark.parametrize("suffix", sorted(EXTENSIONS))
def test_every_extension_has_a_format_that_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    Image.new("1" if suffix == ".pbm" else "RGB", (9, 7), "white").save(path, Image.registered_extensions()[suffix])
    assert read_image(path).size == (9, 7) and read_size(path) == (7, 9)
    assert (prepare(read_image(path), None, "crop", 3, None) > 250).all()


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = np.zeros((8, 16, 3), np.uint8)
    upright[:4, :8] = 255  # top left is white
    turn = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = Image.fromarray(upright) if turn is None else Image.fromarray(upright).transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"x.{suffix}"
    stored.save(path, exif=exif)
    assert read_size(path) == (8, 16)
    assert ((np.asarray(read_image(path)) > 127) == (upright > 127)).all()


def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 257, 32768, 65535]], np.uint16)
    for suffix in ("png", "tif"):
        Image.fromarray(values).save(tmp_path / f"x.{suffix}")
        assert np.asarray(read_image(tmp_path / f"x.{suffix}")).tolist() == [[0, 1, 128, 255]]


def test_32_bit_values_have_no_8_bit_meaning(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1 << 20]], np.int32)).save(tmp_path / "i.tif")
    with pytest.raises(DataError, match=r"i\.tif: grey values 0\.\.1048576; allowed are 8 and 16 bits"):
        read_image(tmp_path / "i.tif")
    Image.fromarray(np.array([[0.5, 1]], np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(DataError, match=r"f\.tif: colour mode F is not supported"):
        read_image(tmp_path / "f.tif")


def corrupt(path: Path) -> list[bytes]:
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    return [b"", b"hello", whole[: len(whole) // 2], whole[:20], bytes(flipped), b"%!PS-Adobe-3.0 EPSF-3.0\n"]


def test_what_is_no_whole_image_is_named(tmp_path: Path) -> None:
    path = write_image(tmp_path / "x.png", size=(40, 40))
    for content in corrupt(path):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"x\.png: not an image that can be read \(") as e:
            read_image(path)
        assert len(e.value.problems) == 1 and "\n" not in str(e.value) and str(e.value).count("x.png") == 1


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.png: not an image that can be read \(No such file"):
        read_image(tmp_path / "gone.png")
    with pytest.raises(DataError, match="Is a directory"):
        read_image(tmp_path)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it repairs
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tif", "ppm"])
def test_damage_anywhere_is_an_image_or_one_line(tmp_path: Path, suffix: str) -> None:
    whole = write_image(tmp_path / f"x.{suffix}", size=(16, 16)).read_bytes()
    path, rng = tmp_path / f"damaged.{suffix}", np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(whole)
        for at in rng.integers(len(whole), size=4):
            damaged[at] = rng.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            found = prepare(read_image(path), (8, 8), "crop", 3, None).shape
        except DataError as e:
            found = e.problems
        assert found == (8, 8, 3) or len(found) == 1


def test_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_image(tmp_path / "x.png", size=(40, 40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="1600 pixels"):
        read_image(path)


def test_whatever_decoding_raises_is_one_line_that_names_the_file() -> None:
    for error in (AttributeError("no such\ntag"), AssertionError(), struct.error("unpack"), RecursionError("x" * 900)):
        with pytest.raises(DataError) as e, named(Path("a.png")):
            raise error
        assert str(e.value).startswith("a.png: not an image that can be read (") and len(str(e.value)) < 250
        assert "\n" not in str(e.value)
    for stopping in (MemoryError, KeyboardInterrupt):
        with pytest.raises(stopping), named(Path("a.png")):
            raise stopping


def test_palette_picture_without_its_palette(tmp_path: Path) -> None:
    Image.new("P", (9, 7)).save(tmp_path / "x.png")
    whole = (tmp_path / "x.png").read_bytes()
    start = whole.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(whole[start : start + 4])
    (tmp_path / "x.png").write_bytes(whole[:start] + whole[end:])
    with pytest.raises(DataError, match=r"x\.png: a palette picture without its palette"):
        prepare(read_image(tmp_path / "x.png"), None, "crop", 3, None)


@pytest.mark.parametrize("read", [read_image, read_size])
def test_a_named_pipe_is_not_waited_for(tmp_path: Path, read: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(DataError, match=r"x\.png: not an image that can be read \(not a regular file\)"):
        read(tmp_path / "x.png")


def test_a_large_scan_with_16_bits_is_not_copied_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grey, "STRIP", 1 << 14)
    Image.new("I;16", (1000, 1000), 257).save(tmp_path / "x.png")
    tracemalloc.start()
    found = read_image(tmp_path / "x.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.getextrema() == (1, 1) and peak < 1_000_000

from __future__ import annotations

import io
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnbench.data import chunks, files
from cnnbench.data.files import ImageFolder, common_size, read_image, read_size
from cnnbench.data.prepare import Target, prepare
from cnnbench.errors import DataError
from tests.data.makers import pixels, write_image

SMALL = Target((8, 8), "crop", 3, None)


@pytest.mark.parametrize("suffix", sorted(files.EXTENSIONS))
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


def test_folder_fetches_in_order_and_prepared(tmp_path: Path) -> None:
    names = [write_image(tmp_path / f"{i}.png", seed=i, size=(10 + i, 12)).name for i in range(5)]
    store = ImageFolder(tmp_path, names, SMALL)
    rows = np.array([4, 0, 2, 2])
    expected = [prepare(read_image(tmp_path / names[r]), (8, 8), "crop", 3, None) for r in rows]
    assert (store.fetch(rows) == np.stack(expected)).all() and store.shape == (8, 8, 3) and len(store) == 5


def test_bad_files_are_found_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST", 4)
    names = [write_image(tmp_path / f"{i:02d}.png").name for i in range(20)]
    for i in (3, 12):
        (tmp_path / names[i]).write_bytes(b"broken")
    store = ImageFolder(tmp_path, names, SMALL)
    assert list(store.problems(np.arange(20))) == [3, 12]
    with pytest.raises(DataError) as e:
        store.fetch(np.arange(20))
    assert [str(tmp_path / "03.png") in p or str(tmp_path / "12.png") in p for p in e.value.problems] == [True, True]


def test_many_bad_files_are_counted_not_listed() -> None:
    with pytest.raises(DataError) as e:
        files.refuse([f"file {i}" for i in range(300)])
    assert len(e.value.problems) == 11 and e.value.problems[-1].startswith("... and 290 more")


def test_needle_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    write_image(tmp_path / "x.png", size=(1, 400))
    with pytest.raises(DataError, match=rf"{tmp_path}/x\.png: 400x1 pixels would be padded"):
        ImageFolder(tmp_path, ["x.png"], Target((8, 8), "pad", 3, None)).fetch(np.array([0]))


def test_common_size(tmp_path: Path) -> None:
    names = [write_image(tmp_path / f"{i}.png", size=(6, 9)).name for i in range(3)]
    (tmp_path / "bad.png").write_bytes(b"")
    free = Target(None, "crop", 3, None)
    assert common_size(tmp_path, ["bad.png", *names], free).size == (6, 9)
    write_image(tmp_path / "other.png", size=(9, 6))
    with pytest.raises(DataError, match=r"0\.png is 9x6, other\.png is 6x9\); set data\.image_size"):
        common_size(tmp_path, [*names, "other.png"], free)


def test_store_survives_pickling_with_its_threads_started(tmp_path: Path) -> None:
    store = ImageFolder(tmp_path, [write_image(tmp_path / "x.png").name], SMALL)
    first = store.fetch(np.array([0]))
    assert (pickle.loads(pickle.dumps(store)).fetch(np.array([0])) == first).all()


def streaming_peak(root: Path, count: int, content: bytes) -> int:
    """Python's peak memory while every one of `count` files is decoded twice in batches."""
    root.mkdir()
    names = [f"{i}.png" for i in range(count)]
    for name in names:
        (root / name).write_bytes(content)
    store = ImageFolder(root, names, Target((32, 32), "crop", 3, None))
    tracemalloc.start()
    store.problems(np.arange(count))
    for start in range(0, count, 16):
        store.fetch(np.arange(start, min(start + 16, count)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_stays_flat_as_the_number_of_files_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST", 32)
    encoded = io.BytesIO()
    Image.fromarray(pixels(64, 64, 3)).save(encoded, "PNG")
    few, many = (streaming_peak(tmp_path / str(n), n, encoded.getvalue()) for n in (100, 1000))
    assert many < 1.2 * few + 100_000  # 900 more decoded images would be 2.8 MB

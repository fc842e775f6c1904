from __future__ import annotations

import io
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnbench.data import chunks, files
from cnnbench.data.decode import decode
from cnnbench.data.files import ImageFolder, common_size
from cnnbench.data.prepare import Target, prepare
from cnnbench.errors import DataError
from tests.builders.images import pixels, write_image

SMALL = Target((8, 8), "crop", 3, None)


def test_folder_fetches_in_order_and_prepared(tmp_path: Path) -> None:
    names = [write_image(tmp_path / f"{i}.png", seed=i, size=(10 + i, 12)).name for i in range(5)]
    store = ImageFolder(tmp_path, names, SMALL)
    rows = np.array([4, 0, 2, 2])
    expected = [prepare(decode(tmp_path / names[r]), (8, 8), "crop", 3, None) for r in rows]
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

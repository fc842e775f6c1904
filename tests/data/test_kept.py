"""Images that an earlier run prepared: the same to the bit, of the same content alone, and never in the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Config, Data, Fold, Model
from cnnbench.data import kept
from cnnbench.data.content import content_of
from cnnbench.data.load import load_data, load_dataset
from cnnbench.data.record import record_of, split_record
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.cache import alone
from cnnbench.files.mapped import mapped, write_mapped
from tests.builders.images import pixels, turns, write_folder, write_image, write_npz

SPLITS = ("train", "validation", "test")


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache in which everything is worth keeping."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(kept.LIMIT, raising=False)
    monkeypatch.setattr(kept, "WORTH", -1.0)
    return tmp_path / "cache" / "cnnbench" / kept.FOLDER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "images", per_class=6)


def config(source: str, path: Path, seed: int = 3, **data: Any) -> Config:
    wanted = Data(source=source, path=str(path), **{"validation": 0.25, **data})  # type: ignore[arg-type]  # a name
    return Config(name="x", seed=seed, data=wanted, model=Model(layers=["Flatten", "classifier"]))


def images(dataset: Dataset) -> dict[str, np.ndarray]:
    """Return all images by split; those of the test split are prepared by that."""
    splits = {name: getattr(dataset, name) for name in SPLITS}
    return {name: np.asarray(split.images(np.arange(len(split)))) for name, split in splits.items()}


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    for name in SPLITS:
        assert one[name].dtype == other[name].dtype
        np.testing.assert_array_equal(one[name], other[name])


def files(shelf: Path) -> dict[Path, int]:
    """Return the files there are, each with what tells it from one that was written later."""
    return {path: path.stat().st_ino for path in shelf.glob("*.npy")}


def repaint(shelf: Path) -> None:
    """Have every kept file hold white images, as no data has them: who shows them has read the file."""
    for path in files(shelf):
        found = mapped(path)
        assert found is not None
        write_mapped(path, np.full_like(found, 255))


def of_floats(path: Path) -> Path:
    """Images of 32-bit numbers, which stay such where nothing is scaled."""
    train, test = (pixels(count, 28, 28, seed=count).astype(np.float32) / 300 for count in (40, 20))
    return write_npz(path, x_train=train, y_train=turns(40), x_test=test, y_test=turns(20))


def in_two_folders(path: Path) -> Path:
    for first, split in enumerate(("train", "test")):
        write_folder(path / split, per_class=6, first=100 * first)
    return path


@pytest.mark.parametrize(
    ("source", "make", "data"),
    [
        ("image_folder", write_folder, {}),
        ("image_folder", in_two_folders, {"image_size": (7, 9), "fit": "crop"}),
        ("image_folder", in_two_folders, {"color": "mean", "in_memory": True}),
        ("npz", write_npz, {"image_size": 8, "color": "rgb"}),
        ("npz", of_floats, {"image_size": 32, "fit": "center"}),
    ],
)
def test_images_are_the_same_to_the_bit(
    source: str,
    make: Callable[[Path], Path],
    data: dict[str, Any],
    tmp_path: Path,
    shelf: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = config(source, make(tmp_path / "own.npz"), **data)
    with monkeypatch.context() as patched:
        patched.setenv(kept.LIMIT, "0")
        without = images(load_dataset(wanted))
        assert not shelf.exists()
    assert_same(images(load_dataset(wanted)), without)
    written = files(shelf)
    assert len(written) == 2  # of training and validation images, and of test images
    assert_same(images(load_dataset(wanted)), without)
    assert files(shelf) == written
    repaint(shelf)
    assert all((found == 255).all() for found in images(load_dataset(wanted)).values())


def test_seeds_folds_and_resumed_runs_share_a_file(folder: Path, shelf: Path) -> None:
    first = load_dataset(config("image_folder", folder))
    record = record_of(split_record(first), folder)
    images(first)
    repaint(shelf)
    written = files(shelf)
    others = [
        load_dataset(config("image_folder", folder, seed=4)),
        load_dataset(config("image_folder", folder, fold=Fold(index=2, of=3))),
        load_dataset(config("image_folder", folder), record=record),
    ]
    assert others[0].train.rows.tolist() != first.train.rows.tolist()
    for other in others:
        assert all((found == 255).all() for found in images(other).values())
    assert files(shelf) == written


def test_images_that_are_prepared_otherwise_have_files_of_their_own(folder: Path, shelf: Path) -> None:
    ways: list[dict[str, Any]] = [
        {"image_size": 12},
        {"image_size": 6},
        {"image_size": 6, "fit": "pad"},
        {"color": "luminance"},
        {"split_seed": 9},
    ]
    for number, data in enumerate(ways, 1):
        images(load_dataset(config("image_folder", folder, **data)))
        assert len(files(shelf)) == 2 * number


def test_another_content_is_another_file_whatever_its_size_and_time(tmp_path: Path, shelf: Path) -> None:
    own, changed = tmp_path / "images", []
    for name in ("cat", "dog"):
        for i in range(6):
            (own / name).mkdir(parents=True, exist_ok=True)
            (own / name / f"{i}.ppm").write_bytes(b"P6 4 4 255 " + pixels(4, 4, 3, seed=i).tobytes())
    before = images(load_dataset(config("image_folder", own)))
    for path in own.rglob("*.ppm"):
        stat = path.stat()
        path.write_bytes(path.read_bytes()[:-1] + b"\x07")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        changed.append(path.stat().st_size == stat.st_size)
    after = images(load_dataset(config("image_folder", own)))
    assert all(changed) and len(files(shelf)) == 4
    for name in SPLITS:
        assert (after[name][:, -1, -1, -1] == 7).all() and (after[name][:, 0] == before[name][:, 0]).all()


@pytest.mark.parametrize("damage", [lambda whole: whole[:-9], lambda whole: whole[:150] + b"?" + whole[151:]])
def test_what_is_damaged_is_made_again(damage: Callable[[bytes], bytes], folder: Path, shelf: Path) -> None:
    expected = images(load_dataset(config("image_folder", folder)))
    whole = {path: path.read_bytes() for path in files(shelf)}
    for path, content in whole.items():
        path.write_bytes(damage(content))
    assert_same(images(load_dataset(config("image_folder", folder))), expected)
    assert {path: path.read_bytes() for path in files(shelf)} == whole


def test_a_whole_file_of_something_else_is_made_again(folder: Path, shelf: Path) -> None:
    expected = images(load_dataset(config("image_folder", folder)))
    for path, other in zip(files(shelf), (pixels(3, 12, 12, 3), np.zeros((2, 12, 12, 3))), strict=True):
        write_mapped(path, other)
    assert_same(images(load_dataset(config("image_folder", folder))), expected)


@pytest.mark.parametrize("place", ["file", "n" * 300, "file/below"])
def test_a_cache_that_cannot_be_written_to_is_done_without(
    place: str, folder: Path, tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = images(load_dataset(config("image_folder", folder)))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / place))
    assert_same(images(load_dataset(config("image_folder", folder))), expected)


def test_a_disk_that_would_be_full_is_left_as_it_is(folder: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROOM", 10**12)
    images(load_dataset(config("image_folder", folder)))
    assert not shelf.exists()


def test_what_takes_no_time_is_not_kept(folder: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WORTH", 60.0)
    images(load_dataset(config("image_folder", folder)))
    assert not shelf.exists()


@pytest.mark.parametrize("data", [{"in_memory": False}, {"in_memory": False, "image_size": 5}])
def test_images_that_are_not_to_be_in_memory_are_decoded_each_time(
    data: dict[str, Any], folder: Path, shelf: Path
) -> None:
    dataset = load_dataset(config("image_folder", folder, **data))
    images(dataset)
    assert type(dataset.train.store).__name__ == "ImageFolder" and not shelf.exists()


def test_a_look_at_the_data_reads_them_themselves(folder: Path, shelf: Path) -> None:
    images(load_dataset(config("image_folder", folder)))
    repaint(shelf)
    written = files(shelf)
    assert all((found != 255).any() for found in images(load_data(config("image_folder", folder).data)).values())
    assert files(shelf) == written


def test_the_oldest_go_where_it_would_be_too_much(folder: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.LIMIT, "6e-6")  # 6,000 bytes: one of 12 x 12 x 12 x 3 and one of 16 x 5 x 5 x 3, no more
    images(load_dataset(config("image_folder", folder)))
    (first,) = [path for path, size in sizes(shelf).items() if size > 3000]
    images(load_dataset(config("image_folder", folder, image_size=5)))
    images(load_dataset(config("image_folder", folder, image_size=6)))
    assert sum(sizes(shelf).values()) <= 6000 and first not in sizes(shelf)


def sizes(shelf: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in shelf.glob("*.npy")}


@pytest.mark.parametrize("value", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_is_told(value: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.LIMIT, value)
    with pytest.raises(ConfigError, match=rf"\$CNNBENCH_PREPARED_GB: '{value}'; allowed are gigabytes from 0"):
        load_dataset(config("image_folder", folder))


def test_of_two_processes_at_once_the_second_takes_what_the_first_made(folder: Path, shelf: Path) -> None:
    wanted = config("image_folder", folder)
    load_dataset(wanted)
    (path,) = files(shelf)
    repaint(shelf)
    white = path.read_bytes()
    path.unlink()
    with ThreadPoolExecutor(1) as other:
        with alone(path):
            waiting = other.submit(load_dataset, wanted)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            path.write_bytes(white)
        dataset = waiting.result(30)
    assert (dataset.train.images(np.arange(len(dataset.train))) == 255).all()


def test_files_that_change_while_they_are_read_are_not_kept(folder: Path, shelf: Path) -> None:
    train = load_data(config("image_folder", folder).data).train
    store = kept.ImageFolder(folder, train.names, kept.prepare.Target((12, 12), "stretch", 3, None))
    split = replace(train, store=store, rows=np.arange(len(train)))
    seen = content_of(split).seen
    write_image(folder / train.names[0], seed=77)
    kept.kept(store, split.rows, seen)
    assert not files(shelf)
    kept.kept(store, split.rows, content_of(split).seen)
    assert len(files(shelf)) == 1


def test_bad_files_are_refused_and_skipped_as_ever(tmp_path: Path, shelf: Path) -> None:
    own = in_two_folders(tmp_path / "images")
    for again in range(2):
        images(load_dataset(config("image_folder", own)))
        bad = own / ("train", "test")[again] / "cat" / "005.png"
        whole = bad.read_bytes()
        bad.write_bytes(b"no image")
        with pytest.raises(DataError, match="no known image format"):
            load_dataset(config("image_folder", own))
        skipping = config("image_folder", own, on_bad_image="skip")
        assert len(load_dataset(skipping).skipped) == len(load_dataset(skipping).skipped) == 1
        bad.write_bytes(whole)

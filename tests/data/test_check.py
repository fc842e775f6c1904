from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnbench.config.schema import Data
from cnnbench.data import chunks
from cnnbench.data.check import Check, check
from cnnbench.errors import DataError
from tests.builders.images import pixels, turns, write_folder, write_image, write_npz


def check_npz(tmp_path: Path, **changed: Any) -> Check:
    return check(Data(source="npz", path=str(write_npz(tmp_path / "a.npz", **changed))))


def test_sound_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST", 7)
    found = check_npz(tmp_path)
    train = found.splits["train"]
    assert (train.images, train.shape, train.dtype, train.pixels) == (40, (28, 28, 1), "uint8", (0.0, 255.0))
    assert train.per_class == {str(k): 4 for k in range(10)} and found.splits["test"].images == 20
    assert (found.shared, found.problems, found.warnings) == ({"train and test": 0}, [], [])


def test_duplicates_within_and_between(tmp_path: Path) -> None:
    train, test = pixels(40, 28, 28), pixels(20, 28, 28, seed=1)
    train[10], train[21], test[0], test[5] = train[0], train[1], train[7], train[8]
    found = check_npz(tmp_path, x_train=train, x_test=test)
    assert found.splits["train"].duplicates == 2 and found.splits["test"].duplicates == 0
    assert found.shared == {"train and test": 2} and found.similar == {"train and test": 0}
    assert found.problems == [] and found.warnings == [
        "train: 2 duplicate image(s)",
        "2 image(s) in both train and test (test = train: row 0 = row 7, row 5 = row 8)",
    ]


def test_duplicate_under_another_label(tmp_path: Path) -> None:
    train = pixels(40, 28, 28)
    train[3] = train[0]
    assert "train: 1 duplicate(s) under another label" in check_npz(tmp_path, x_train=train).warnings


def test_imbalance(tmp_path: Path) -> None:
    labels = np.array([0] * 20 + [1] * 2 + [2] * 18)
    found = check_npz(tmp_path, y_train=labels, y_test=turns(20, 3))
    assert found.warnings == ["train: 20 images of '0', 2 of '1'"]


def test_folder_with_bad_files_and_a_copied_test_image(tmp_path: Path) -> None:
    for i, split in enumerate(("train", "val", "test")):
        write_folder(tmp_path / split, first=100 * i)
    (tmp_path / "train" / "cat" / "000.png").write_bytes(b"broken")
    write_image(tmp_path / "test" / "dog" / "000.png", seed=5)
    found = check(Data(source="image_folder", path=str(tmp_path)))
    assert [s.images for s in found.splits.values()] == [19, 20, 20]
    assert len(found.problems) == 1 and "train/cat/000.png: not an image" in found.problems[0]
    assert found.warnings == ["1 image(s) in both train and test (test = train: test/dog/000.png = train/cat/005.png)"]


@pytest.mark.parametrize(("copied", "original"), [("val", "train"), ("test", "train"), ("test", "val")])
def test_a_split_that_holds_images_of_another_one(copied: str, original: str, tmp_path: Path) -> None:
    for i, split in enumerate(("train", "val", "test")):
        write_folder(tmp_path / split, per_class=3, first=100 * i)
    for k in range(2):
        picture = (tmp_path / original / "cat" / f"00{k}.png").read_bytes()
        (tmp_path / copied / "dog" / f"00{k}.png").write_bytes(picture)
    found = check(Data(source="image_folder", path=str(tmp_path)))
    a, b = (name.replace("val", "validation") for name in (original, copied))
    assert {names: count for names, count in found.shared.items() if count} == {f"{a} and {b}": 2}
    assert len(found.shared) == 3 and set(found.similar.values()) == {0}
    (warning,) = found.warnings
    assert warning.startswith(f"2 image(s) in both {a} and {b} ({b} = {a}: {copied}/dog/000.png = {original}/cat/000")


@pytest.mark.parametrize(("copied", "original"), [("val", "train"), ("test", "train"), ("test", "val")])
def test_images_that_were_saved_again_are_a_warning(copied: str, original: str, tmp_path: Path) -> None:
    for i, split in enumerate(("train", "val", "test")):
        write_folder(tmp_path / split, per_class=3, first=100 * i)
    smooth = Image.fromarray(pixels(4, 4, 3, seed=7)).resize((12, 12))
    smooth.save(tmp_path / original / "cat" / "smooth.png")
    smooth.save(tmp_path / copied / "cat" / "again.jpg", quality=95, subsampling=0)
    found = check(Data(source="image_folder", path=str(tmp_path)))
    a, b = (name.replace("val", "validation") for name in (original, copied))
    assert {names: count for names, count in found.similar.items() if count} == {f"{a} and {b}": 1}
    assert found.problems == [] and set(found.shared.values()) == {0}
    told = f"({b} ~ {a}: {copied}/cat/again.jpg ~ {original}/cat/smooth.png)"
    assert found.warnings == [f"1 image(s) of {b} look like one of {a} {told}"]


def test_data_that_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="39 labels for 40 images"):
        check_npz(tmp_path, y_train=turns(39))


def test_subset_and_validation_do_not_matter(tmp_path: Path) -> None:
    found = check(Data(source="digits", validation=0.5, test=0.1))
    assert {name: s.images for name, s in found.splits.items()} == {"train": 1617, "test": 180}

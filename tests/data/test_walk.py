from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.check import check
from cnnbench.data.reading import read_source
from cnnbench.data.walk import below, is_leftover
from cnnbench.errors import DataError
from cnnbench.evaluation.image_files import image_files
from tests.builders.images import write_folder, write_image

LEFT_BEHIND = (
    "cat/@eaDir/000.png/SYNOPHOTO_THUMB_S.jpg",
    "cat/@EADIR/x.png",
    "cat/._000.png",
    "cat/.ipynb_checkpoints/000-checkpoint.png",
    "cat/.@__thumb/default000.png",
    "cat/000.png:Zone.Identifier",
    "cat/THUMBS.DB",
    "cat/Desktop.ini",
    "dog/Icon\r",
    "__MacOSX/cat/._000.png",
    "__MACOSX/dog/000.png",
    "$Recycle.Bin/S-1-5-21/$R0.png",
    "#recycle/000.png",
    "@Recently-Snapshot/000.png",
    "System Volume Information/WPSettings.dat",
    "LOST+FOUND/#12345.png",
    "lost+found/x.png",
)


def names(root: Path) -> list[str]:
    return list(read_source(Data(source="image_folder", path=str(root))).train.names)


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_what_file_systems_leave_is_no_data_for_anybody(left: str, tmp_path: Path) -> None:
    expected = names(write_folder(tmp_path, per_class=5))
    picture = write_image(tmp_path / "cat" / "picture.png", seed=99).rename(tmp_path / ".picture.png")
    (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / left).write_bytes(picture.read_bytes())
    assert names(tmp_path) == expected
    assert [Path(file).relative_to(tmp_path).as_posix() for file in image_files([tmp_path])] == expected
    found = check(Data(source="image_folder", path=str(tmp_path)))
    assert sum(split.images for split in found.splits.values()) == 10 and found.problems == []


@pytest.mark.parametrize("name", ["cat", "eaDir", "trash can", "found", "thumbs", "@home", "#1", "$5 notes", "macosx"])
def test_what_is_called_nearly_so_is_data(name: str) -> None:
    assert not is_leftover(name)


def test_predict_finds_what_training_finds(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "root", per_class=3)
    write_image(tmp_path / "elsewhere" / "deep" / "9.JPG")
    (root / "cat" / "more").symlink_to(tmp_path / "elsewhere")
    (root / "cat" / "gone.png").symlink_to(tmp_path / "gone.png")
    write_image(root / "dog" / "b" / "1.png")
    (root / "dog" / "a.png").mkdir()
    found = [Path(file).relative_to(root).as_posix() for file in image_files([root])]
    assert sorted(found) == sorted(names_of_files(root)) and "cat/more/deep/9.JPG" in found and "cat/gone.png" in found


def names_of_files(root: Path) -> list[str]:
    source = read_source(Data(source="image_folder", path=str(root), image_size=4))
    assert np.array_equal(source.train.labels, [name.startswith("dog") for name in source.train.names])
    return list(source.train.names)


def test_links_that_lead_back_end_the_walk(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "root", per_class=1)
    (root / "cat" / "all").symlink_to(root)
    (root / "cat" / "above").symlink_to(tmp_path)
    (root / "cat" / "self").symlink_to(root / "cat" / "self")
    assert list(below(root, root)) == ["cat/000.png", "cat/self", "dog/000.png"]


def test_two_folders_that_link_to_each_other_are_entered_once(tmp_path: Path) -> None:
    root = write_folder(tmp_path, per_class=1)
    (root / "cat" / "x").symlink_to(root / "dog")
    (root / "dog" / "y").symlink_to(root / "cat")
    assert list(below(root, root / "cat")) == ["cat/000.png", "cat/x/000.png"]


def test_files_come_before_the_folders_beside_them(tmp_path: Path) -> None:
    for name in ("b/1.png", "a/2/x.png", "a/1/y.png", "z.png", "a/3.png"):
        write_image(tmp_path / name)
    assert list(below(tmp_path, tmp_path)) == ["z.png", "a/3.png", "a/1/y.png", "a/2/x.png", "b/1.png"]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = write_image(tmp_path / "cat" / "inside" / "1.png").parent
    scandir = os.scandir

    def refusing(path: os.PathLike[str] | str) -> Any:
        if Path(path) == locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(locked))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(DataError, match=rf"^{locked}: Permission denied$"):
        list(below(tmp_path, tmp_path))

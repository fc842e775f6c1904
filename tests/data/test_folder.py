from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.load import load_data
from cnnbench.data.reading import read_source
from cnnbench.data.record import split_record
from cnnbench.data.types import Given
from cnnbench.errors import DataError
from tests.builders.images import write_folder, write_image


def load(root: Path, **data: object) -> Given:
    return read_source(Data(source="image_folder", path=str(root), **data))  # type: ignore[arg-type]  # any key


def test_classes_and_files_are_sorted_and_nested(tmp_path: Path) -> None:
    for name in ("dog/10.png", "dog/2.png", "cat/b/deep/1.PNG", "cat/a.jpg", "cat/b/0.png"):
        write_image(tmp_path / name)
    source = load(tmp_path)
    assert source.class_names == ("cat", "dog")
    assert source.train.names == ["cat/a.jpg", "cat/b/0.png", "cat/b/deep/1.PNG", "dog/10.png", "dog/2.png"]
    assert source.train.labels.tolist() == [0, 0, 0, 1, 1]


def test_hidden_files_and_files_beside_classes_are_ignored(tmp_path: Path) -> None:
    write_folder(tmp_path, per_class=2)
    for name in (".DS_Store", "cat/.hidden.png", "cat/Thumbs.db", "README.txt", ".git/x/1.png", "__MACOSX/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert len(load(tmp_path).train.labels) == 4 and load(tmp_path).class_names == ("cat", "dog")


def test_mixed_sizes_and_colour_modes(tmp_path: Path) -> None:
    for i, mode in enumerate(["RGB", "L", "P", "RGBA", "LA", "1", "CMYK"]):
        suffix = "jpg" if mode == "CMYK" else "png"
        write_image(tmp_path / "cat" / f"{mode}.{suffix}", size=(10 + i, 20 - i), mode=mode)
        write_image(tmp_path / "dog" / f"{mode}.{suffix}", size=(20 - i, 10 + i), mode=mode)
    for color, channels in ((None, 3), ("rgb", 3), ("luminance", 1), ("mean", 1)):
        store = load(tmp_path, image_size=(8, 12), color=color).train.store
        assert store.fetch(np.arange(14)).shape == (14, 8, 12, channels)
    with pytest.raises(DataError, match=r"set data\.image_size"):
        load(tmp_path)


def test_own_splits(tmp_path: Path) -> None:
    for i, (split, count) in enumerate((("train", 6), ("val", 3), ("test", 4))):
        write_folder(tmp_path / split, per_class=count, first=100 * i)
    dataset = load_data(Data(source="image_folder", path=str(tmp_path)))
    assert dataset.validation is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (12, 6, 8)
    assert dataset.test.names[0] == "test/cat/000.png"
    assert "validation: the data's own split; data.validation is not used" in dataset.notes


def test_train_and_test_alone_draw_the_validation_split(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_folder(tmp_path / split, per_class=10)
    dataset = load_data(Data(source="image_folder", path=str(tmp_path)))
    assert dataset.validation is not None and all(name.startswith("train/") for name in dataset.validation.names)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (16, 4, 20)


def test_class_may_be_called_train(tmp_path: Path) -> None:
    assert load(write_folder(tmp_path, ("bus", "train"), 2)).class_names == ("bus", "train")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train/cat/0.png", "train/dog/0.png", "vaild/cat/0.png"], "vaild beside train, .*did you mean val"),
        (["test/cat/0.png", "test/dog/0.png", "val/cat/0.png"], "has test and val but no train"),
        (["train/cat/0.png", "train/dog/0.png", "test/cat/0.png", "test/cow/0.png"], "class 'cow' is in test but not"),
        (["train/cat/0.png", "train/dog/0.png", "train/eel/0.png", "val/cat/0.png", "val/dog/0.png"], "'eel' is in tr"),
        (["cat/0.png"], "1 class folders; there must be at least 2"),
        (["0.png"], "0 class folders"),
        (["cat/0.png", "dog/0.png", "loose.png"], r"loose\.png: lies in no class folder"),
        (["cat/0.png", "dog/0.png", "dog/notes.txt"], r"dog/notes\.txt: not an image file \(\.txt\)"),
        (["cat/0.png", "dog/0.png", "dog/LICENSE"], r"dog/LICENSE: not an image file \(no extension\)"),
        (["cat/0.png", "dog/.hidden"], "dog: a class folder without images"),
    ],
)
def test_folder_that_cannot_be_used_is_one_line(tmp_path: Path, names: list[str], expected: str) -> None:
    for name in names:
        write_image(tmp_path / f"{name}.png").rename(tmp_path / name)
    with pytest.raises(DataError, match=expected) as e:
        load(tmp_path)
    assert len(e.value.problems) == 1 and str(tmp_path) in str(e.value)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone: no such folder"):
        load(tmp_path / "gone")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file: not a folder"):
        load(tmp_path / "file")
    with pytest.raises(DataError, match="needs the path of a folder"):
        read_source(Data(source="image_folder"))


def spoiled(root: Path) -> Path:
    write_folder(root)
    (root / "cat" / "003.png").write_bytes(b"broken")
    (root / "dog" / "notes.txt").write_text("a note")
    return root


@pytest.mark.parametrize("in_memory", ["auto", False, True])
def test_bad_files_are_refused_before_training(tmp_path: Path, in_memory: object) -> None:
    data = Data(source="image_folder", path=str(spoiled(tmp_path)), in_memory=in_memory)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"dog/notes\.txt: not an image file"):
        load_data(data)
    (tmp_path / "dog" / "notes.txt").unlink()
    with pytest.raises(DataError, match=r"cat/003\.png: not an image that can be read") as e:
        load_data(data)
    assert len(e.value.problems) == 1


def test_bad_test_file_is_refused_before_training_too(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_folder(tmp_path / split)
    (tmp_path / "test" / "dog" / "001.png").write_bytes(b"broken")
    with pytest.raises(DataError, match=r"test/dog/001\.png"):
        load_data(Data(source="image_folder", path=str(tmp_path)))


@pytest.mark.parametrize("in_memory", ["auto", False])
def test_bad_files_are_skipped_and_counted(tmp_path: Path, in_memory: object) -> None:
    dataset = load_data(
        Data(source="image_folder", path=str(spoiled(tmp_path)), on_bad_image="skip", in_memory=in_memory)  # type: ignore[arg-type]
    )
    splits = [s for s in (dataset.train, dataset.validation, dataset.test) if s is not None]
    names = [name for split in splits for name in split.names]
    assert len(names) == 19 and "cat/003.png" not in names
    assert [Path(s.split(":")[0]).name for s in dataset.skipped] == ["notes.txt", "003.png"]
    assert any(n.startswith("2 bad image(s) skipped") and "notes.txt" in n and "003.png" in n for n in dataset.notes)
    for split in splits:
        assert split.images(np.arange(len(split))).shape == (len(split), 12, 12, 3)


def test_class_emptied_by_skipping_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, per_class=3)
    for path in (tmp_path / "cat").iterdir():
        path.write_bytes(b"broken")
    with pytest.raises(DataError, match="cat: a class folder without images"):
        load(tmp_path, on_bad_image="skip")


def test_streaming_and_memory_give_the_same_images(tmp_path: Path) -> None:
    write_folder(tmp_path)
    streamed, kept = (
        load_data(Data(source="image_folder", path=str(tmp_path), image_size=10, in_memory=m)) for m in (False, True)
    )
    assert type(streamed.train.store).__name__ == "ImageFolder" and type(kept.train.store).__name__ == "ArrayStore"
    for a, b in ((streamed.train, kept.train), (streamed.test, kept.test)):
        positions = np.arange(len(a))[::-1]
        assert a.names == b.names and (a.images(positions) == b.images(positions)).all()


def test_large_folders_are_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(source="image_folder", path=str(write_folder(tmp_path)))
    monkeypatch.setattr("cnnbench.data.ready.KEEP_BELOW", 16 * 12 * 12 * 3)  # training and validation images
    assert type(load_data(data).train.store).__name__ == "ImageFolder"
    monkeypatch.setattr("cnnbench.data.ready.KEEP_BELOW", 16 * 12 * 12 * 3 + 1)
    assert type(load_data(data).train.store).__name__ == "ArrayStore"


def test_links_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    write_folder(tmp_path / "root", per_class=2)
    write_image(tmp_path / "elsewhere" / "9.png")
    (tmp_path / "root" / "cat" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root" / "cat" / "loop").symlink_to(tmp_path / "root" / "cat")
    assert load(tmp_path / "root").train.names[:3] == ["cat/000.png", "cat/001.png", "cat/more/9.png"]


def test_link_to_nowhere_is_a_bad_file(tmp_path: Path) -> None:
    write_folder(tmp_path, per_class=5)
    (tmp_path / "cat" / "x.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(DataError, match=r"cat/x\.png: not an image that can be read \(No such file"):
        load_data(Data(source="image_folder", path=str(tmp_path), in_memory=False))


def test_names_that_are_no_utf8_can_be_written_down(tmp_path: Path) -> None:
    write_folder(tmp_path, per_class=5)
    write_image(tmp_path / "cat" / "x.png").rename(os.fsdecode(os.fsencode(tmp_path / "cat") + b"/\xe4.png"))
    dataset = load_data(Data(source="image_folder", path=str(tmp_path)))
    assert "cat/\ufffd.png" in str(split_record(dataset)).encode().decode()


def test_record_of_a_stream(tmp_path: Path) -> None:
    write_folder(tmp_path)
    data = Data(source="image_folder", path=str(tmp_path), in_memory=False)
    dataset = load_data(data)
    assert split_record(dataset)["test"]["files"] == list(dataset.test.names)

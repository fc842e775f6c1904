from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.config.schema import Data
from cnnbench.data.layout import find_layout, split_of
from cnnbench.data.reading import read_source
from cnnbench.errors import DataError
from tests.builders.images import write_image

CLASSES = ("cat", "dog")


def make(root: Path, *folders: str, inside: tuple[str, ...] = CLASSES) -> Path:
    """Folders that hold class folders, or images where nothing is inside."""
    for folder in folders:
        for name in inside or (".",):
            (root / folder / name).mkdir(parents=True, exist_ok=True)
            (root / folder / name / "0.png").write_bytes(b"")
    return root


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["Training", "Testing"], {"train": "Training", "test": "Testing"}),
        (["TRAIN", "VALID", "TEST"], {"train": "TRAIN", "val": "VALID", "test": "TEST"}),
        (["training_set", "test_set"], {"train": "training_set", "test": "test_set"}),
        (["trainset", "devset"], {"train": "trainset", "val": "devset"}),
        (["Train Images", "Validation-Images"], {"train": "Train Images", "val": "Validation-Images"}),
        (["1. Train", "2. Test"], {"train": "1. Train", "test": "2. Test"}),
        (["seg_train/seg_train", "seg_test/seg_test"], {"train": "seg_train/seg_train", "test": "seg_test/seg_test"}),
        (["mnist_png/training", "mnist_png/testing"], {"train": "mnist_png/training", "test": "mnist_png/testing"}),
        (["archive/data/train", "archive/data/test"], {"train": "archive/data/train", "test": "archive/data/test"}),
        (["train/images", "test/images"], {"train": "train/images", "test": "test/images"}),
        (["Training"], {"train": "Training"}),
        (["images"], {".": "images"}),
        (["archive/images"], {".": "archive/images"}),
        (["."], {".": "."}),
    ],
)
def test_splits_are_known_by_their_names(folders: list[str], expected: dict[str, str], tmp_path: Path) -> None:
    layout = find_layout(make(tmp_path, *folders))
    assert dict(layout.splits) == expected
    assert layout.told() == [] or all(repr(folder) in layout.told()[0] for folder in expected.values())


def test_images_of_splits_in_other_words_are_theirs(tmp_path: Path) -> None:
    for i, (split, count) in enumerate((("Training", 3), ("Valid", 2), ("Testing", 1))):
        for k, name in enumerate(CLASSES):
            for j in range(count):
                write_image(tmp_path / "photos" / split / name / f"{j}.png", seed=100 * i + 10 * k + j)
    source = read_source(Data(source="image_folder", path=str(tmp_path)))
    assert source.class_names == CLASSES and source.validation is not None and source.test is not None
    assert [len(p.labels) for p in (source.train, source.validation, source.test)] == [6, 4, 2]
    assert source.test.names == ["photos/Testing/cat/0.png", "photos/Testing/dog/0.png"]
    assert "test in 'photos/Testing'" in source.notes[1]


@pytest.mark.parametrize(
    "folders", [["bus", "train"], ["invalid", "valid"], ["TRAIN", "ship"], ["teste", "tester"], ["steam train", "car"]]
)
def test_classes_may_be_called_like_splits(folders: list[str], tmp_path: Path) -> None:
    assert dict(find_layout(make(tmp_path, *folders, inside=())).splits) == {".": "."}


def test_classes_may_hold_folders(tmp_path: Path) -> None:
    make(tmp_path, "n01", "n02", inside=("images",))
    make(tmp_path, "n01", inside=("left",))
    make(tmp_path, "train station", "bus station", inside=("day",))
    assert dict(find_layout(tmp_path).splits) == {".": "."}


@pytest.mark.parametrize(
    ("folders", "inside", "said"),
    [
        (
            ["fold1", "fold2"],
            CLASSES,
            "cat and dog lie in each of fold1 and fold2, as classes do in splits; write train",
        ),
        (["trian", "tset"], CLASSES, "lie in each of trian and tset"),
        (["train/a", "train/b", "test/a", "test/b"], CLASSES, "train: cat and dog lie in each of a and b"),
        (["train", "trian"], CLASSES, "trian beside train, which means a split; allowed are train, val, test"),
        (["train", "tets"], CLASSES, "did you mean test"),
        (["Training", "evaluation"], CLASSES, "evaluation beside Training, which means a split; allowed are train"),
        (["seg_train", "seg_test", "seg_pred"], CLASSES, "seg_pred beside seg_test, which means a split"),
        (["Train", "Training"], CLASSES, "more than one train split: Train and Training; keep one"),
        (["Testing", "Validation"], CLASSES, "has Testing and Validation but no train"),
        (["train", "test"], (), "no class folders in test and train; write train/<class>"),
        (
            ["Testing", "cat", "dog"],
            (),
            "cat beside Testing, which means a split; .* another name for Testing if it is",
        ),
        (["cat", "dog"], ("train", "test"), "cat: holds test and train, so the splits lie inside the classes; write"),
        (["cat", "dog"], ("Training", "Testing"), "cat: holds Testing and Training, so the splits lie inside"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    folders: list[str], inside: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=said) as e:
        find_layout(make(tmp_path, *folders, inside=inside))
    assert str(e.value).startswith(str(tmp_path)) and len(e.value.problems) == 1


def test_a_class_in_another_case_is_hinted_at(tmp_path: Path) -> None:
    for name in ("train/Cat", "train/dog", "test/cat", "test/dog"):
        write_image(tmp_path / name / "0.png")
    with pytest.raises(DataError, match="class 'cat' is in test but not in train; did you mean Cat"):
        read_source(Data(source="image_folder", path=str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("tr", None),
        ("contest", None),
        ("training shoes", None),
        ("validity", None),
        ("Test Data", "test"),
        ("dev", "val"),
    ],
)
def test_a_name_means_a_split_as_a_whole(name: str, split: str | None) -> None:
    assert split_of(name) == split

"""The data of a run is what it recorded: additions are left out, everything else that differs is told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Config, Data, Fold, Model
from cnnbench.data.load import load_dataset
from cnnbench.data.record import split_record
from cnnbench.data.recorded import UNCHECKED
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.runs.split import recorded
from tests.builders.images import pixels, turns, write_folder, write_image, write_npz

SPLITS = ("train", "validation", "test")


def own(source: str, path: Path, **data: Any) -> Config:
    wanted = Data(source=source, path=str(path), **{"validation": 0.4, **data})  # type: ignore[arg-type]  # a source's name
    return Config(name="x", seed=3, data=wanted, model=Model(layers=["Flatten", "classifier"]))


def begin(config: Config, folder: Path) -> RunDir:
    """Write what a run writes down of its data when it begins."""
    run = RunDir(folder)
    write_json(run.split, split_record(load_dataset(config)))
    return run


def again(config: Config, run: RunDir) -> Dataset:
    return load_dataset(config, record=recorded(run.path))


def assert_same(a: Dataset, b: Dataset) -> None:
    assert (a.class_names, a.contents, a.seeds) == (b.class_names, b.contents, b.seeds)
    for name in SPLITS:
        one, other = getattr(a, name), getattr(b, name)
        assert list(one.names) == list(other.names)
        assert one.rows.tolist() == other.rows.tolist() and one.labels.tolist() == other.labels.tolist()
        positions = np.arange(len(one))
        np.testing.assert_array_equal(one.images(positions), other.images(positions))


def folder_of_one(root: Path) -> Path:
    """Splits drawn from one folder of classes."""
    return write_folder(root / "images")


def folder_of_three(root: Path) -> Path:
    for i, split in enumerate(("train", "val", "test")):
        write_folder(root / "images" / split, first=100 * i)
    return root / "images"


def folder_in_another(root: Path) -> Path:
    """Splits by other names, one folder further in."""
    for i, split in enumerate(("Training", "Testing")):
        write_folder(root / "images" / "all" / split, first=100 * i)
    return root / "images"


def nested(root: Path) -> Path:
    write_folder(root / "images" / "cat", classes=("black", "white"))
    write_folder(root / "images" / "dog", classes=("large", "small"), first=50)
    return root / "images"


FOLDERS = pytest.mark.parametrize("make", [folder_of_one, folder_of_three, folder_in_another, nested])


@FOLDERS
@pytest.mark.parametrize("data", [{}, {"subset": {"train": 8}}, {"in_memory": False, "image_size": 9}])
def test_a_folder_left_alone_and_one_added_to_give_the_same_images(
    make: Callable[[Path], Path], data: dict[str, Any], tmp_path: Path
) -> None:
    config = own("image_folder", make(tmp_path), **data)
    before, run = load_dataset(config), begin(config, tmp_path / "run")
    assert_same(again(config, run), before)
    assert (again(config, run).changes, again(config, run).notes) == ([], before.notes)

    root = tmp_path / "images"
    first = sorted(root.rglob("*.png"))[0]
    shutil.copy(first, first.with_name("000a.png"))  # among the others
    write_image(first.parent / "new" / "zzz.png", size=(5, 7))  # of another size
    write_image(root / "another class" / "0.png", seed=1)
    (first.parent / "notes.txt").write_text("no image")
    found = again(config, run)
    assert_same(found, before)
    assert found.changes == ["3 image(s) added to the data since the run began are not used"]
    assert found.changes[0] in found.notes


def rename_class(root: Path) -> None:
    (root / "cat").rename(root / "zebra")


def swap_classes(root: Path) -> None:
    (root / "cat").rename(root / "x")
    (root / "dog").rename(root / "cat")
    (root / "x").rename(root / "dog")


def remove_files(root: Path) -> None:
    for i in range(5):
        (root / f"cat/00{i}.png").unlink()


def repaint(root: Path) -> None:
    """Change pixels but neither name nor size of a file."""
    path = root / "dog" / "007.bmp"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "count", "said"),
    [
        (rename_class, "10 differences", ["cat/0", "cat/0", "cat/0", "... and 7 more"]),
        (swap_classes, "21 differences", ["changed", "changed", "changed", "... and 18 more"]),
        (remove_files, "5 differences", [": missing"] * 3 + ["... and 2 more"]),
        (lambda root: (root / "cat/003.png").write_bytes(b""), "1 difference", ["cat/003.png: changed"]),
        (repaint, "1 difference", ["dog/007.bmp: changed"]),
        (lambda root: write_image(root / "cat/003.png", size=(20, 9)), "1 difference", ["cat/003.png: changed"]),
        (shutil.rmtree, None, ["no such folder"]),
    ],
)
def test_what_is_missing_or_changed_in_a_folder_is_told(
    change: Callable[[Path], None], count: str | None, said: list[str], tmp_path: Path
) -> None:
    root = write_folder(tmp_path / "images")
    write_image(root / "dog" / "007.bmp", seed=5)
    config = own("image_folder", root)
    run = begin(config, tmp_path / "run")
    change(root)
    with pytest.raises(DataError) as refused:
        again(config, run)
    lines = list(refused.value.problems)
    if count is not None:
        assert lines.pop(0) == f"{run.path}: its data is not as split.json has it: {count}"
    assert len(lines) == len(said) and all(part in line for part, line in zip(said, lines, strict=True))


def test_large_splits_are_sampled_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnbench.data.content.WHOLE_BELOW", 100)
    root = write_folder(tmp_path / "images")
    write_image(root / "dog" / "007.bmp", seed=5)
    config = own("image_folder", root)
    run = begin(config, tmp_path / "run")
    contents = again(config, run).contents
    assert {content.of for content in contents.values()} == {"file names, file sizes, labels and samples of the bytes"}
    monkeypatch.setattr("cnnbench.data.content.WHOLE_BELOW", 2**30)
    assert again(config, run).contents == contents  # compared as it was recorded
    repaint(root)
    with pytest.raises(DataError, match="1 difference"):
        again(config, run)


ARRAYS = {"x_val": pixels(20, 28, 28, seed=2), "y_val": turns(20)}


@pytest.mark.parametrize("arrays", [{}, ARRAYS, {"x_test": None, "y_test": None}])
def test_rows_added_to_arrays_are_left_out(arrays: dict[str, Any], tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", **arrays)
    config = own("npz", path, image_size=14, test=0.25 if "x_test" in arrays else None)
    before, run = load_dataset(config), begin(config, tmp_path / "run")
    longer = np.concatenate([pixels(40, 28, 28), pixels(10, 28, 28, seed=9)])
    write_npz(path, **arrays, x_train=longer, y_train=turns(50, 10))
    found = again(config, run)
    assert_same(found, before)
    assert found.changes == ["10 image(s) added to the data since the run began are not used"]
    if "x_test" in arrays:  # none of their own before
        write_npz(path, x_val=longer, y_val=turns(50))
        assert_same(again(config, run), before)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"y_train": turns(40)[::-1]}, r"\Atrain: row \d+ of the train images: of class \d, was \d\ntrain: row"),
        ({"x_train": pixels(40, 28, 28)[::-1]}, r"row \d+ of the train images: changed"),
        ({"x_train": pixels(30, 28, 28), "y_train": turns(30)}, "row 3[0-9] of the train images: missing"),
        (
            {"x_test": pixels(20, 28, 28, seed=1) ^ np.uint8(1)},
            "20 differences\ntest: row 0 of the test images: changed",
        ),
        (
            {"x_test": pixels(20, 28, 28, seed=1)[::-1]},
            "test: row 0 of the test images: another image of the same split",
        ),
        ({"x_train": pixels(40, 14, 14), "x_test": pixels(20, 14, 14)}, r"row \d+ of the train images: changed"),
        ({"x_test": None, "y_test": None}, "test: missing: the data has no test images of its own any more"),
        ({"class_names": np.array(list("abcdefghji"))}, "class 8: j, was i\nclass 9: i, was j"),
    ],
)
def test_what_is_missing_or_changed_in_arrays_is_told(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    names = {"class_names": np.array(list("abcdefghij"))}
    path = write_npz(tmp_path / "a.npz", **names)
    config = own("npz", path)
    run = begin(config, tmp_path / "run")
    write_npz(path, **(names | changed))
    with pytest.raises(DataError) as refused:
        again(config, run)
    first, *lines = refused.value.problems
    assert first.startswith(f"{run.path}: its data is not as split.json has it: ") and len(lines) <= 4
    assert re.search(said, "\n".join(lines if said.startswith("\\A") else [first, *lines]))


def older(run: RunDir) -> None:
    """Leave of a record what versions before there were checksums wrote."""
    found = Run(run.path).split
    for split in filter(None, (found[name] for name in SPLITS)):
        for key in ("part", "labels", "content", *(["rows"] if "files" in split else [])):
            del split[key]
    for key in ("class_names", "found", "input_shape"):
        del found[key]
    write_json(run.split, found)


@pytest.mark.parametrize("source", ["folder", "three", "npz", "digits"])
def test_runs_of_older_versions_keep_to_their_images_unchecked(source: str, tmp_path: Path) -> None:
    if source == "npz":
        config = own("npz", write_npz(tmp_path / "a.npz"))
    elif source == "digits":
        config = own("digits", tmp_path)
    else:
        config = own("image_folder", {"folder": folder_of_one, "three": folder_of_three}[source](tmp_path))
    before, run = load_dataset(config), begin(config, tmp_path / "run")
    older(run)
    if "image_folder" in config.data.source:
        write_image(tmp_path / "images" / "aardvark" / "0.png")
    found = again(config, run)
    assert found.changes == [UNCHECKED] and found.class_names == before.class_names
    for name in SPLITS:
        one, other = getattr(before, name), getattr(found, name)
        assert one.labels.tolist() == other.labels.tolist() and list(one.names) == list(other.names)
        positions = np.arange(len(one))
        np.testing.assert_array_equal(one.images(positions), other.images(positions))


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found.pop("train"),
        lambda found: found["test"].update(rows="0-x"),
        lambda found: found["test"].update(images=3),
        lambda found: found["test"].update(part="other"),
        lambda found: found["test"].update(labels="0"),
        lambda found: found.update(train=7),
    ],
)
def test_a_damaged_record_is_one_line(damage: Callable[[dict[str, Any]], Any], tmp_path: Path) -> None:
    config = own("npz", write_npz(tmp_path / "a.npz"))
    run = begin(config, tmp_path / "run")
    found = Run(run.path).split
    damage(found)
    write_json(run.split, found)
    with pytest.raises(DataError, match=r"split\.json") as refused:
        again(config, run)
    assert len(refused.value.problems) == 1


def test_a_record_of_another_source_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    config = own("npz", write_npz(tmp_path / "a.npz"))
    run = begin(config, tmp_path / "run")
    write_json(run.split, {**Run(run.path).split, "source": "digits"})
    with pytest.raises(ConfigError, match=r"data\.source is npz, but split\.json is of digits"):
        again(config, run)


def test_a_fingerprint_covers_the_bytes(tmp_path: Path) -> None:
    """Two folders of the same names and sizes are two test sets where their pixels differ."""
    for name, seed in (("one", 1), ("two", 2), ("three", 1)):
        for k, label in enumerate(("cat", "dog")):
            for i in range(6):
                write_image(tmp_path / name / label / f"{i}.bmp", seed=seed + 10 * i + 100 * k)
    one, two, three = (
        load_dataset(own("image_folder", tmp_path / name)).contents["test"].fingerprint
        for name in ("one", "two", "three")
    )
    assert one == three and one["sha256"] != two["sha256"]


@pytest.mark.parametrize("make", [folder_of_one, folder_of_three, "npz"])
@pytest.mark.parametrize("keys", [{}, {"subset": {"train": 14}}])
def test_another_run_of_the_same_repeats_draws_from_the_same_images(
    make: Callable[[Path], Path] | str, keys: dict[str, Any], tmp_path: Path
) -> None:
    arrays = {"y_train": turns(40, 2), "y_test": turns(20, 2)}
    path = make(tmp_path) if callable(make) else write_npz(tmp_path / "a.npz", **arrays)
    config = own("image_folder" if callable(make) else "npz", path, validation=0.3, **keys)
    run = begin(config, tmp_path / "run")
    data = config.data.model_copy(update={"fold": None if make is folder_of_three else Fold(index=2, of=3)})
    others = [config.model_copy(update={"seed": 4}), config.model_copy(update={"data": data})]
    before = [load_dataset(each) for each in others]
    if callable(make):
        write_image(sorted(path.rglob("*.png"))[0].with_name("000a.png"))
    else:
        longer = np.concatenate([pixels(40, 28, 28), pixels(10, 28, 28, seed=9)])
        write_npz(path, **(arrays | {"x_train": longer, "y_train": turns(50, 2)}))
    for expected, each in zip(before, others, strict=True):
        assert_same(load_dataset(each, like=recorded(run.path)), expected)

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnbench.config.class_names import nearly_alike, no_such_class, refuse_unreadable
from cnnbench.config.schema import Data
from cnnbench.data.check import check
from cnnbench.data.load import load_data
from cnnbench.errors import DataError
from tests.builders.images import turns, write_folder, write_npz


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("caf\udce9", "bar"), r"class 'caf\\udce9' is no valid text"),
        (("a", "\ud800"), r"class '\\ud800' is no valid text"),
        (("a", " "), "class ' ' is blank"),
        (("caf\xe9", "cafe\u0301"), r"classes 'caf\\xe9' and 'cafe\\u0301' look alike"),
        (("\u212b", "\xc5"), r"classes '\\u212b' and '\\xc5' look alike"),
        (("cat", "cat "), "classes 'cat' and 'cat ' look alike"),
        (("a\x01", "a\x02"), r"classes 'a\\x01' and 'a\\x02' look alike"),
        (("x\r", "x\n"), r"classes 'x\\r' and 'x\\n' look alike"),
    ],
)
def test_names_that_no_table_can_tell_apart(names: tuple[str, ...], said: str) -> None:
    with pytest.raises(DataError, match=f"^here: {said}.*(another|needs a) name$"):
        refuse_unreadable("here", names)


@pytest.mark.parametrize("names", [("Cat", "cat"), ("two\nlines", "\r"), ("日本", "日木"), ("2", "²"), ("a b", "ab")])
def test_names_that_differ_are_allowed_and_only_the_same_one_again_is_not(names: tuple[str, ...]) -> None:
    refuse_unreadable("here", names)
    with pytest.raises(DataError, match="look alike"):
        refuse_unreadable("here", (*names, f"{names[0]} "))


def test_names_in_another_case_are_hinted_at() -> None:
    assert nearly_alike(["Cat", "dog", "cat"])[0].startswith("classes 'Cat' and 'cat' differ in upper and lower case")
    assert nearly_alike(["\uff23at", "cat", "dogs", "dog"]) != [] and nearly_alike(["cat", "cot"]) == []


def test_folders_and_archives_are_held_to_it(tmp_path: Path) -> None:
    for name in ("cafe\u0301", "caf\xe9"):
        write_folder(tmp_path / "photos", (name,), 3)
    with pytest.raises(DataError, match=rf"^{tmp_path}/photos: classes .* look alike"):
        load_data(Data(source="image_folder", path=str(tmp_path / "photos")))
    names = ["Straße", "x", "STRASSE"]
    data = Data(
        source="npz",
        path=str(write_npz(tmp_path / "a.npz", y_train=turns(40, 3), y_test=turns(20, 3), class_names=names)),
    )
    hint = "classes 'Straße' and 'STRASSE' differ in upper and lower case or the form of letters only: are they one?"
    assert hint in load_data(data).notes and hint in check(data).warnings and hint not in check(data).notes


def test_a_class_spelt_in_other_characters_in_another_split(tmp_path: Path) -> None:
    for name in ("train/caf\xe9", "train/bar", "test/cafe\u0301", "test/bar"):
        write_folder(tmp_path, (name,), 1)
    with pytest.raises(DataError, match=r"classes 'caf\\xe9' and 'cafe\\u0301' look alike"):
        load_data(Data(source="image_folder", path=str(tmp_path)))


def test_a_folder_name_that_is_no_utf8(tmp_path: Path) -> None:
    write_folder(tmp_path, ("bar", "cafe"), 3)
    (tmp_path / "cafe").rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    with pytest.raises(DataError, match=r"class 'caf\\udce9' is no valid text \(UTF-8\); it needs another name"):
        load_data(Data(source="image_folder", path=str(tmp_path)))


def test_a_class_that_is_not_there() -> None:
    assert no_such_class("shrit", ["shirt", "coat"]) == "no class of this name; did you mean shirt?"
    assert no_such_class("q", [f"class{i}" for i in range(11)]).endswith("class8, class9, ...")

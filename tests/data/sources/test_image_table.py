"""Tables of images: columns, separators and labels of all kinds; what is wrong is told by its line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.config.schema import Config, Data
from cnnbench.data.check import check
from cnnbench.data.load import load_data, load_dataset
from cnnbench.data.reading import read_source
from cnnbench.data.record import split_record
from cnnbench.data.types import Given
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.split import recorded
from tests.builders.images import write_image


def write_table(folder: Path, text: str, name: str = "table.csv", images: int = 8) -> Path:
    """A table beside the images 0.png, 1.png, ... that it may name."""
    for i in range(images):
        write_image(folder / f"{i}.png", seed=i)
    (folder / name).write_bytes(text.encode())
    return folder / name


def data_of(table: Path, **keys: Any) -> Data:
    return Data.model_validate({"source": "image_table", "path": str(table), **keys})


def read(table: Path, **columns: str) -> Given:
    return read_source(data_of(table, image_table=columns))


def rows(*labels: object, header: str = "path,label", separator: str = ",") -> str:
    return "\n".join([header, *(f"{i}.png{separator}{label}" for i, label in enumerate(labels)), ""])


def named(given: Given) -> list[str]:
    return [given.class_names[k] for k in given.train.labels]


def told(table: Path, **keys: Any) -> list[str]:
    """What is said of a table, without its own path."""
    with pytest.raises(DataError) as raised:
        read_source(data_of(table, **keys))
    return [line.removeprefix(f"{table}: ") for line in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", rows("cat", "dog", "cat", "dog")),
        ("t.csv", "\ufeff" + rows("cat", "dog", "cat", "dog").replace("\n", "\r\n")),
        ("t.csv", rows("cat", "dog", "cat", "dog", header="File;Class", separator=";")),
        ("t.csv", rows("cat", "dog", "cat", "dog", header="image|target|note", separator="|").replace("png|", "png|")),
        ("t.tsv", rows("cat", " dog", "cat ", "dog", header="filename\tcategory", separator="\t")),
        ("t.csv", rows('"cat"', '"dog"', "", "").replace("2.png,\n3.png,\n", "\n./2.png,cat\n\n3.png,dog")),
    ],
)
def test_dialects(tmp_path: Path, name: str, text: str) -> None:
    if "note" in text:
        text = "\n".join([text.splitlines()[0], *(f"{line}|x" for line in text.splitlines()[1:])])
    given = read(write_table(tmp_path, text, name))
    assert given.class_names == ("cat", "dog") and given.train.labels.tolist() == [0, 1, 0, 1]
    assert list(given.train.names) == ["0.png", "1.png", "2.png", "3.png"] and given.test is None
    assert given.train.store.fetch(np.arange(4)).shape == (4, 12, 12, 3)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ((10, 2, 10, 2), ("2", "10")),
        ((3, -1, 3, -1), ("-1", "3")),
        ((1.0, "2.0", 1.0, 2.0), ("1.0", "2.0")),
        (("True", "False", "False", "True"), ("False", "True")),
        (("b10", "b2", "a", "B3"), ("a", "b2", "B3", "b10")),
        (("été", "zoo", "été", "zoo"), ("zoo", "été")),
    ],
)
def test_labels_are_in_natural_order(tmp_path: Path, labels: tuple[object, ...], classes: tuple[str, ...]) -> None:
    given = read(write_table(tmp_path, rows(*labels)))
    assert given.class_names == classes and named(given) == [str(label) for label in labels]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [([1, 0, 1, 0], ("0", "1")), ([2.0, 11.0, 2.0, 11.0], ("2", "11")), ([True, False, True, True], ("false", "true"))],
)
def test_parquet_has_labels_of_its_own_types(tmp_path: Path, labels: list[object], classes: tuple[str, ...]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = write_table(tmp_path, "", "t.parquet")
    cells = {"path": ["0.png", "1.png", "2.png", "3.png"], "label": labels, "w": [0.5, 1, 1, 2]}
    parquet.write_table(pyarrow.table(cells), table)
    given = read(table, weight="w")
    assert given.class_names == classes and given.train.weights is not None
    assert given.train.weights.tolist() == [0.5, 1.0, 1.0, 2.0]
    cells["label"][2] = None  # type: ignore[index]  # a list
    parquet.write_table(pyarrow.table(cells), table)
    assert told(table) == ["row 3: no label"]


def test_parquet_that_is_none_and_parquet_without_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    table = write_table(tmp_path, "path,label", "t.parquet")
    (said,) = told(table)
    assert said.startswith("not readable as Parquet (")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"reading Parquet needs pip install 'cnnbench\[parquet\]'"):
        read(table)


def test_splits_by_the_words_that_folders_use(tmp_path: Path) -> None:
    text = rows("a,train", "b,Training", "a,VALID", "b,val", "a,test", "b,test_set", header="path,label,split")
    given = read(write_table(tmp_path, text))
    assert given.validation is not None and given.test is not None
    assert [list(part.names) for part in (given.train, given.validation, given.test)] == [
        ["0.png", "1.png"],
        ["2.png", "3.png"],
        ["4.png", "5.png"],
    ]


def test_columns_by_name(tmp_path: Path) -> None:
    text = rows("a,x,2", "b,y,0.5", header="path,label,species,weight".replace("label,species", "label,kind"))
    table = write_table(tmp_path, text)
    given = read(table, label="kind")
    assert given.class_names == ("x", "y") and given.train.weights is None
    assert given.notes == (
        str(table),
        "path in column path; label in column kind",
        "column weight is not used; data.image_table.weight: weight makes it weights",
    )
    weighted = read(table, label="kind", weight="weight").train.weights
    assert weighted is not None and weighted.tolist() == [2.0, 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rows("cat", "", "dog"), ["line 3: no label"]),
        (rows("cat", "dog", "cat").replace("1.png", ""), ["line 3: no path"]),
        (rows("cat", "dog,x", "cat"), ["line 3: 3 cells, but the header has 2"]),
        (rows("cat", "dog") + "0.png,dog\n", ["line 4: the same file as in line 2: 0.png"]),
        (rows("cat", "dog") + ".//0.png,cat\n", ["line 4: the same file as in line 2: 0.png"]),
        (
            rows("cat", "dog") + "gone.png,cat\nlost.png,cat",
            ["line 4: no such file: gone.png", "line 5: no such file: lost.png"],
        ),
        (rows("cat", "dog") + "../x.png,cat", ["line 4: path ../x.png leaves the folder of the table"]),
        (rows("cat", "dog") + "a/../../x.png,cat", ["line 4: path a/../../x.png leaves the folder of the table"]),
        (rows("cat", "dog") + "..\\x.png,cat", ["line 4: path ../x.png leaves the folder of the table"]),
        (
            rows("cat", "dog") + "/etc/passwd,cat\nC:\\x.png,cat",
            [
                "line 4: path /etc/passwd is absolute; allowed are paths relative to the table, inside its folder",
                "line 5: path C:/x.png is absolute; allowed are paths relative to the table, inside its folder",
            ],
        ),
        (rows("cat", "cat"), ["train: only class 'cat'; there must be at least 2 classes"]),
        (rows(1.5, 2), ["label 1.5 is no whole number, as labels that are numbers have to be"]),
        (rows("1", "01"), ["labels 01 and 1 are the same number, written in two ways"]),
        (
            rows("a,train", "b,tran", header="path,label,split"),
            ["line 3: split 'tran'; allowed are train, val and test; did you mean train?"],
        ),
        (
            rows("a,train", "b,train", "a,test", header="path,label,split"),
            ["test: only class 'a'; there must be at least 2 classes"],
        ),
        (
            rows("a,train", "b,train", "a,val", "c,val", header="path,label,split"),
            ["train: no image of class 'c'"],
        ),
        (rows("a,val", "b,val", header="path,label,split"), ["train: no image; there must be at least 2 classes"]),
        ("", ["no header, which names the columns"]),
        ("path,label\n", ["a table without rows"]),
        (
            "path,file,label\n0.png,1.png,cat\n",
            ["columns path and file could each be the path; data.image_table.path says which"],
        ),
        (
            "path,kind\n0.png,cat\n",
            [
                "no column for the label, such as label, class, target, category; "
                "data.image_table.label names one of path, kind"
            ],
        ),
        ('path,label\n0.png,"cat\n', ["line 2: not readable as CSV (unexpected end of data)"]),
    ],
)
def test_what_is_wrong_is_told_by_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    folder = tmp_path / "table"
    write_image(tmp_path / "x.png")
    assert told(write_table(folder, text)) == expected


@pytest.mark.parametrize("weight", ["x", "-1", "", "nan", "inf", "0,5"])
def test_weights_are_numbers_from_0(tmp_path: Path, weight: str) -> None:
    table = write_table(tmp_path, rows(f'cat,"{weight}"', "dog,1", header="path,label,weight"))
    expected = f"line 2: weight {weight!r}; allowed are numbers from 0"
    assert told(table, image_table={"weight": "weight"}) == [expected]


def test_weights_that_leave_nothing(tmp_path: Path) -> None:
    table = write_table(tmp_path, rows("a,0", "b,0", "a,0", "b,0", header="path,label,weight"))
    with pytest.raises(DataError, match=r"table\.csv: every training image would weigh 0"):
        load_data(data_of(table, image_table={"weight": "weight"}, test=0.5, validation=0.0))


def test_many_mistakes_are_told_in_short(tmp_path: Path) -> None:
    lines = told(write_table(tmp_path, rows(*[""] * 14)))
    assert len(lines) == 11 and lines[0] == "line 2: no label" and lines[-1] == "... and 4 more"


def test_columns_that_are_not_there_or_used_twice(tmp_path: Path) -> None:
    table = write_table(tmp_path, rows("cat,1", "dog,1", header="path,label,weight"))
    expected = "no column wieght (data.image_table.weight); there are path, label, weight; did you mean weight?"
    assert told(table, image_table={"weight": "wieght"}) == [expected]
    expected = "column label cannot be both label and split (data.image_table)"
    assert told(table, image_table={"split": "label"}) == [expected]


def test_text_in_another_encoding(tmp_path: Path) -> None:
    table = write_table(tmp_path, "")
    table.write_bytes("path,label\n0.png,été".encode("latin-1"))
    assert told(table) == ["not UTF-8 text (byte 0xe9 at 17); save it as UTF-8"]


def test_links_that_lead_out_are_refused_and_others_followed(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    table = write_table(folder, rows("cat", "dog") + "link.png,cat\nlinks/0.png,dog\n")
    (folder / "link.png").symlink_to(write_image(tmp_path / "outside.png"))
    (folder / "links").symlink_to(tmp_path)
    assert told(table) == [
        "line 4: path link.png leaves the folder of the table",
        "line 5: path links/0.png leaves the folder of the table",
    ]
    (folder / "link.png").unlink()
    (folder / "link.png").symlink_to(folder / "2.png")
    table.write_text(rows("cat", "dog") + "link.png,cat\n")
    assert list(read(table).train.names) == ["0.png", "1.png", "link.png"]


def test_bad_files_are_skipped_where_asked(tmp_path: Path) -> None:
    table = write_table(tmp_path, rows("cat", "dog", "cat", "dog", "cat") + "gone.png,dog\n")
    (tmp_path / "4.png").write_bytes(b"no image")
    found = read_source(data_of(table, on_bad_image="skip"))
    assert list(found.train.names) == ["0.png", "1.png", "2.png", "3.png"]
    assert [Path(line.partition(":")[0]).name for line in found.skipped] == ["4.png", "gone.png"]
    result = check(data_of(table, test=0.5))
    assert len(result.problems) == 2 and result.splits["train"].per_class == {"cat": 1, "dog": 1}


def test_sizes_have_to_agree_or_be_given(tmp_path: Path) -> None:
    table = write_table(tmp_path, rows("cat", "dog", "cat", "dog"))
    write_image(tmp_path / "1.png", size=(9, 9))
    assert "images differ in size" in told(table)[0]
    small = data_of(table, image_size=6, color="luminance", test=0.5, validation=0.0)
    assert load_data(small).input_shape == (6, 6, 1)


def config_of(table: Path, **keys: Any) -> Config:
    data = {"source": "image_table", "path": str(table), "image_table": {"weight": "w"}, **keys}
    return load_config({"name": "x", "data": data, "model": {"layers": ["Flatten", "classifier"]}})


def test_a_run_goes_on_with_the_images_and_weights_that_it_recorded(tmp_path: Path) -> None:
    text = rows(*(f"{'ab'[i % 2]},{i / 2}" for i in range(8)), header="path,label,w")
    table, run = write_table(tmp_path, text), RunDir(tmp_path / "run")
    config = config_of(table, test=0.25, validation=0.34)
    began = load_dataset(config)
    write_json(run.split, split_record(began))
    table.write_text("\n".join([*text.splitlines()[:1], *reversed(text.splitlines()[1:]), "new.png,a,1"]))
    write_image(tmp_path / "new.png", seed=99)
    again = load_dataset(config, record=recorded(run.path))
    for name in ("train", "validation", "test"):
        one, other = getattr(began, name), getattr(again, name)
        assert list(one.names) == list(other.names) and one.weights.tolist() == other.weights.tolist()
        assert [float(Path(file).stem) / 2 for file in one.names] == one.weights.tolist()
    assert again.notes[:2] == began.notes[:2] and str(table) in again.notes[0]
    assert again.changes == ["1 image(s) added to the data since the run began are not used"]
    table.write_text(text.replace("0.png,a", "0.png,b"))
    with pytest.raises(DataError, match=r"0\.png: of class 1, was 0"):
        load_dataset(config, record=recorded(run.path))


def test_keys_of_the_table_are_checked_with_the_others() -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(
            {
                "name": "x",
                "data": {"source": "image_table", "image_table": {"labell": "x", "path": ""}},
                "model": {"layers": ["Flatten", "classifier"]},
            }
        )
    assert [line.partition(";")[0] for line in raised.value.problems] == [
        'data.image_table.path: expected text or null, found ""',
        "data.image_table.labell: unknown key",
    ]

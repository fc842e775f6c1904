from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.load import load_config
from cnnbench.config.schema import Data
from cnnbench.config.static import static_classes
from cnnbench.data.load import load_data
from cnnbench.data.reading import read_source
from cnnbench.errors import ConfigError, DataError
from tests.builders.images import packed, pixels, turns, write_emnist
from tests.data.conftest import Places


def data_of(variant: str | None, **keys: Any) -> Data:
    chosen = {} if variant is None else {"emnist": {"variant": variant}}
    return Data.model_validate({"source": "emnist", **chosen, **keys})


@pytest.mark.parametrize(
    ("variant", "classes", "names"),
    [
        ("byclass", 62, {10: "A", 35: "Z", 36: "a", 61: "z"}),
        ("bymerge", 47, {9: "9", 10: "A", 36: "a", 37: "b", 38: "d", 46: "t"}),
        ("balanced", 47, {0: "0", 40: "f", 45: "r"}),
        ("letters", 26, {0: "A", 25: "Z"}),
        ("digits", 10, {3: "3"}),
        ("mnist", 10, {9: "9"}),
    ],
)
def test_variants(places: Places, variant: str, classes: int, names: dict[int, str]) -> None:
    write_emnist(places.data / "gzip", variant, classes, first=int(variant == "letters"))
    data = data_of(variant, validation=0.0)
    dataset = load_data(data, offline=True)
    assert len(dataset.class_names) == classes == static_classes(data)
    assert {k: dataset.class_names[k] for k in names} == names
    assert dataset.train.labels.tolist() == [*range(classes)] * 2 and len(dataset.test) == classes
    for seed, split in enumerate((dataset.train, dataset.test)):  # stored on their side
        stored = pixels(len(split), 28, 28, seed=seed)
        np.testing.assert_array_equal(split.images(np.arange(len(split)))[..., 0], stored.transpose(0, 2, 1))
    assert not [note for note in dataset.notes if "upper and lower case" in note]


def test_letters_begin_with_1(tmp_path: Path) -> None:
    folder = write_emnist(tmp_path, "letters", 26, first=0)
    with pytest.raises(DataError, match=r"labels-idx1-ubyte\.gz: less 1: labels -1\.\.24; allowed are 0\.\.25"):
        read_source(data_of("letters", path=str(folder)))
    path = folder / "emnist-letters-train-labels-idx1-ubyte.gz"
    path.write_bytes(packed(turns(52, 26) + np.uint8(2)))
    with pytest.raises(DataError, match=r"less 1: labels 1\.\.26; allowed are 0\.\.25"):
        read_source(data_of("letters", path=str(folder)))


def test_what_to_get_where_nothing_is_downloaded(places: Places) -> None:
    with pytest.raises(DataError) as raised:
        load_data(data_of(None))
    (line,) = raised.value.problems
    assert "it has no published checksums: get gzip.zip of https://www.nist.gov/" in line
    assert "put there gzip/ with emnist-balanced-train-images-idx3-ubyte.gz" in line


def test_the_variant_that_acts_is_written_out_and_others_are_refused() -> None:
    plain = {"name": "x", "data": {"source": "emnist"}, "model": {"layers": ["Flatten", "classifier"]}}
    assert load_config(plain).data.options.variant == "balanced"
    assert load_config(plain).data.model_dump()["emnist"] == {"variant": "balanced"}
    with pytest.raises(ConfigError) as raised:
        load_config(plain, ["data.emnist.variant=letter"])
    (line,) = raised.value.problems
    assert line.startswith("command line: data.emnist.variant: expected one of byclass,") and "letters?" in line
    with pytest.raises(ConfigError, match=r"data\.emnist: has no effect with source digits; it is for emnist"):
        load_config({**plain, "data": {"source": "digits", "emnist": {"variant": "letters"}}})

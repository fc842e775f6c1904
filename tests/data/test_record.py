from __future__ import annotations

import numpy as np
import pytest

from cnnbench.config.schema import Data, Subset
from cnnbench.data.content import content_of
from cnnbench.data.load import load_data
from cnnbench.data.record import _ranges, parse_rows, split_record


def test_record_names_every_image_once() -> None:
    dataset = load_data(Data(source="digits", subset=Subset(train=500)), seed=3)
    record = split_record(dataset)
    rows = {name: parse_rows(record[name]["rows"]) for name in ("train", "validation", "test")}
    for name, found in rows.items():
        assert found.tolist() == getattr(dataset, name).rows.tolist()
        assert record[name]["images"] == len(found) == sum(record[name]["per_class"].values())
    assert len(rows["train"]) + len(rows["validation"]) == 500
    assert not set(rows["train"]) & set(rows["validation"]) and not set(rows["train"]) & set(rows["test"])
    assert record["seeds"] == {"validation": 3, "split_seed": 0}


def test_record_without_validation() -> None:
    assert split_record(load_data(Data(source="digits", validation=0.0)))["validation"] is None


@pytest.mark.parametrize("rows", [[], [5], [0, 1, 2], [0, 2, 3, 9, 10, 12]])
def test_ranges_read_back(rows: list[int]) -> None:
    assert parse_rows(_ranges(np.array(rows, np.int64))).tolist() == rows


def test_ranges_are_short() -> None:
    assert _ranges(np.array([0, 1, 2, 7, 9, 10])) == "0-2,7,9-10"


def test_fingerprint_follows_the_test_images_alone() -> None:
    def of(**data: object) -> dict[str, str]:
        return content_of(load_data(Data(source="digits", **data)).test).fingerprint  # type: ignore[arg-type]  # any key

    assert of() == of(validation=0.3)
    assert of()["sha256"] != of(split_seed=1)["sha256"] != of(split_seed=1, subset={"test": 100})["sha256"]
    assert of()["of"] == "pixels and labels"

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from cnnbench.config.schema import Data
from cnnbench.data.load import load_data
from cnnbench.data.reading import read_source
from cnnbench.errors import DataError
from tests.builders.images import pixels, turns, write_svhn
from tests.data.conftest import Places

SVHN = Data(source="svhn", validation=0.0)


def test_images_lie_as_they_should_and_ten_is_the_digit_0(places: Places) -> None:
    write_svhn(places.data / "svhn")
    dataset = load_data(SVHN, offline=True)
    assert (len(dataset.train), len(dataset.test), dataset.input_shape) == (40, 20, (32, 32, 3))
    assert dataset.train.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] * 4
    assert dataset.class_names == tuple("0123456789")
    for seed, split in enumerate((dataset.train, dataset.test)):
        expected = pixels(len(split), 32, 32, 3, seed=seed)
        np.testing.assert_array_equal(split.images(np.arange(len(split))), expected)


def write(path: Path, **changed: Any) -> None:
    content = {"X": pixels(32, 32, 3, 8), "y": turns(8)[:, None] + np.uint8(1)} | changed
    savemat(path, {name: value for name, value in content.items() if value is not None})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"y": None}, "has no y, only X"),
        ({"X": pixels(32, 32, 8)}, r"X is uint8 of shape \(32, 32, 8\); allowed are uint8, X of 4 axes and y of 2"),
        ({"X": pixels(32, 32, 3, 8).astype(float)}, "X is double of shape"),
        ({"X": np.array(["x"], object)}, "X is cell of shape"),
        (
            {"X": pixels(32, 30, 3, 8)},
            r"X is \(32, 30, 3, 8\) and y \(8, 1\); allowed are \(32, 32, 3, n\) and \(n, 1\)",
        ),
        ({"y": turns(7)[:, None]}, r"X is \(32, 32, 3, 8\) and y \(7, 1\)"),
        ({"y": turns(8)[:, None]}, r"y less 1: labels -1\.\.6; allowed are 0\.\.9"),
        ({"y": turns(8)[:, None] + np.uint8(9)}, r"y less 1: labels 8\.\.15; allowed are 0\.\.9"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, changed: dict[str, Any], expected: str) -> None:
    path = write_svhn(tmp_path) / "train_32x32.mat"
    write(path, **changed)
    with pytest.raises(DataError, match=rf"train_32x32\.mat: {expected}"):
        read_source(Data(source="svhn", path=str(tmp_path)))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = write_svhn(tmp_path) / "train_32x32.mat"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    broken = [b"", b"MATLAB", whole[:200], whole[: len(whole) // 2], b"\x89HDF\r\n\x1a\n" + whole]
    for at in rng.integers(0, 300, 40):
        broken.append(whole[:at] + bytes([int(rng.integers(256))]) + whole[at + 1 :])
    refused = 0
    for content in broken:
        path.write_bytes(content)
        try:
            read_source(Data(source="svhn", path=str(tmp_path)))
        except DataError as e:
            refused += 1
            assert len(e.problems) == 1 and e.problems[0].startswith(f"{path}: ")
    assert refused >= 5

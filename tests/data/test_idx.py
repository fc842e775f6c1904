from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from cnnbench.data.idx import load_fashion_mnist, read_idx
from cnnbench.errors import DataError
from tests.data.makers import idx_bytes, packed, pixels, turns, write_fashion

TRAIN = "train-images-idx3-ubyte.gz"


def test_images_and_labels_of_both_splits(tmp_path: Path) -> None:
    source = load_fashion_mnist(write_fashion(tmp_path))
    assert source.test is not None
    assert (source.train.store.fetch(np.arange(40))[..., 0] == pixels(40, 28, 28)).all()
    assert (source.test.store.fetch(np.arange(20))[..., 0] == pixels(20, 28, 28, seed=1)).all()
    assert source.train.labels.tolist() == turns(40).tolist() and source.train.labels.dtype == np.int64
    assert source.class_names[0] == "T-shirt/top" and source.class_names[9] == "Ankle boot"


def test_test_images_stay_unopened_until_asked_for(tmp_path: Path) -> None:
    write_fashion(tmp_path)
    test_images = tmp_path / "t10k-images-idx3-ubyte.gz"
    test_images.unlink()
    source = load_fashion_mnist(tmp_path)
    assert source.test is not None and len(source.test.store) == 20
    with pytest.raises(DataError, match="t10k-images"):
        source.test.store.fetch(np.array([0]))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(packed(pixels(40, 28, 28))[:9000], "cannot be read as gzip", id="cut"),
        pytest.param(b"<html>not found</html>", "cannot be read as gzip", id="a page"),
        pytest.param(gzip.compress(b""), "starts with nothing", id="empty"),
        pytest.param(
            gzip.compress(b"PK\3\4" + bytes(40)),
            "starts with 504b0304; an IDX file of 3 axes starts with 00000803",
            id="a ZIP file",
        ),
        pytest.param(
            gzip.compress(idx_bytes(pixels(40, 28, 28))[:-1]),
            r"31359 bytes of values for shape \(40, 28, 28\)",
            id="one byte missing",
        ),
        pytest.param(packed(pixels(40, 28)), "starts with 00000802", id="two axes"),
        pytest.param(
            packed(pixels(39, 28, 28)), r"shape \(39, 28, 28\); allowed is \(40, 28, 28\)", id="one image missing"
        ),
        pytest.param(packed(pixels(40, 32, 32)), r"shape \(40, 32, 32\)", id="other size"),
    ],
)
def test_broken_image_file_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    (write_fashion(tmp_path) / TRAIN).write_bytes(content)
    with pytest.raises(DataError, match=expected) as e:
        load_fashion_mnist(tmp_path)
    assert len(e.value.problems) == 1 and str(tmp_path / TRAIN) in str(e.value)


def test_label_out_of_range_is_named(tmp_path: Path) -> None:
    labels = turns(40)
    labels[3] = 10
    path = write_fashion(tmp_path) / "train-labels-idx1-ubyte.gz"
    path.write_bytes(packed(labels))
    with pytest.raises(DataError, match=rf"{path}: labels 0\.\.10; allowed are 0\.\.9"):
        load_fashion_mnist(tmp_path)


def test_read_idx_is_a_view_without_a_second_copy(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(packed(pixels(3, 4)))
    found = read_idx(path, 2)
    assert not found.flags.owndata and (found == pixels(3, 4)).all()

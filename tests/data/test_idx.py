from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.idx import read_idx
from cnnbench.data.sources import fashion_mnist
from cnnbench.errors import DataError
from tests.builders.images import idx_bytes, packed, pixels, turns, write_fashion

TRAIN = "train-images-idx3-ubyte.gz"


def test_images_and_labels_of_both_splits(tmp_path: Path) -> None:
    source = fashion_mnist.load(Data(source="fashion_mnist"), write_fashion(tmp_path))
    assert source.test is not None
    assert (source.train.store.fetch(np.arange(40))[..., 0] == pixels(40, 28, 28)).all()
    assert (source.test.store.fetch(np.arange(20))[..., 0] == pixels(20, 28, 28, seed=1)).all()
    assert source.train.labels.tolist() == turns(40).tolist() and source.train.labels.dtype == np.int64
    assert source.class_names[0] == "T-shirt/top" and source.class_names[9] == "Ankle boot"


def test_test_images_stay_unopened_until_asked_for(tmp_path: Path) -> None:
    write_fashion(tmp_path)
    test_images = tmp_path / "t10k-images-idx3-ubyte.gz"
    test_images.unlink()
    source = fashion_mnist.load(Data(source="fashion_mnist"), tmp_path)
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
            r"31359 of 31360 bytes of values for shape \(40, 28, 28\)",
            id="one byte missing",
        ),
        pytest.param(packed(pixels(40, 28)), "starts with 00000802", id="two axes"),
        pytest.param(
            packed(pixels(39, 28, 28)), r"shape \(39, 28, 28\); allowed is \(40, 28, 28\)", id="one image missing"
        ),
        pytest.param(packed(pixels(40, 32, 32)), r"shape \(40, 32, 32\)", id="other size"),
        pytest.param(
            gzip.compress(bytes([0, 0, 8, 3]) + b"\xff" * 12),
            r"shape \(4294967295, .* is \(40, 28, 28\)",
            id="overflow",
        ),
        pytest.param(
            gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", 1 << 31, 1 << 31, 4)),
            "shape ",
            id="a product of zero",
        ),
    ],
)
def test_broken_image_file_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    (write_fashion(tmp_path) / TRAIN).write_bytes(content)
    with pytest.raises(DataError, match=expected) as e:
        fashion_mnist.load(Data(source="fashion_mnist"), tmp_path)
    assert len(e.value.problems) == 1 and str(tmp_path / TRAIN) in str(e.value)


def test_label_out_of_range_is_named(tmp_path: Path) -> None:
    labels = turns(40)
    labels[3] = 10
    path = write_fashion(tmp_path) / "train-labels-idx1-ubyte.gz"
    path.write_bytes(packed(labels))
    with pytest.raises(DataError, match=rf"{path}: labels 0\.\.10; allowed are 0\.\.9"):
        fashion_mnist.load(Data(source="fashion_mnist"), tmp_path)


def test_no_more_is_unpacked_than_the_header_promises(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(idx_bytes(pixels(3, 4)) + bytes(200_000_000), compresslevel=1))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"more than 12 bytes of values for shape \(3, 4\)"):
        read_idx(path, [range(3, 4), range(1, 9)])
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_more_labels_than_the_set_has_are_refused(tmp_path: Path) -> None:
    path = write_fashion(tmp_path) / "train-labels-idx1-ubyte.gz"
    for count in (0, 60_001, (1 << 32) - 1):
        path.write_bytes(gzip.compress(bytes([0, 0, 8, 1]) + struct.pack(">I", count)))
        with pytest.raises(DataError, match=rf"shape \({count},\); allowed is up to \(60000,\)"):
            fashion_mnist.load(Data(source="fashion_mnist"), tmp_path)


def test_read_idx_is_a_view_without_a_second_copy(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(packed(pixels(3, 4)))
    found = read_idx(path, [range(3, 4), range(4, 5)])
    assert not found.flags.owndata and (found == pixels(3, 4)).all()

from __future__ import annotations

import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.reading import read_source
from cnnbench.data.types import Given
from cnnbench.errors import DataError
from tests.builders.images import pixels, turns, write_npz


def load(path: Path) -> Given:
    return read_source(Data(source="npz", path=str(path)))


def test_mnist(tmp_path: Path) -> None:
    write_npz(tmp_path / "mnist.npz")
    source = read_source(Data(source="mnist", path=str(tmp_path)))
    assert source.test is not None and source.validation is None
    assert (source.train.store.fetch(np.arange(40))[..., 0] == pixels(40, 28, 28)).all()
    assert (source.test.store.fetch(np.arange(20))[..., 0] == pixels(20, 28, 28, seed=1)).all()
    assert source.class_names == tuple("0123456789")


@pytest.mark.parametrize(
    "changed", [{"x_train": pixels(40, 32, 32)}, {"x_test": pixels(20, 28, 28, 3)}, {"x_test": None, "y_test": None}]
)
def test_mnist_of_another_shape_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    write_npz(tmp_path / "mnist.npz", **changed)
    with pytest.raises(DataError, match="MNIST has training and test images of 28x28"):
        read_source(Data(source="mnist", path=str(tmp_path)))


def test_all_parts_and_class_names(tmp_path: Path) -> None:
    names = np.array(["ant", "bee", "cat"])
    arrays = {
        "x_train": pixels(9, 5, 6, 3),
        "y_train": turns(9, 3)[:, None],
        "x_val": pixels(6, 5, 6, 3),
        "y_val": turns(6, 3),
    }
    source = load(write_npz(tmp_path / "a.npz", **arrays, x_test=None, y_test=None, class_names=names))
    assert source.class_names == ("ant", "bee", "cat") and source.test is None
    assert source.train.store.shape == (5, 6, 3) and source.train.labels.tolist() == turns(9, 3).tolist()
    assert source.validation is not None and len(source.validation.labels) == 6


def test_one_hot_labels_are_accepted(tmp_path: Path) -> None:
    one_hot = np.eye(10, dtype=np.float32)[turns(40)]
    assert load(write_npz(tmp_path / "a.npz", y_train=one_hot)).train.labels.tolist() == turns(40).tolist()


def test_floats_from_0_to_1_are_scaled_and_integers_narrowed(tmp_path: Path) -> None:
    floats = np.linspace(0, 1, 40 * 28 * 28).reshape(40, 28, 28)
    found = load(write_npz(tmp_path / "a.npz", x_train=floats)).train.store.fetch(np.arange(40))
    assert found.dtype == np.float32 and np.allclose(found[..., 0], floats * 255)
    wide = pixels(40, 28, 28).astype(np.int64)
    found = load(write_npz(tmp_path / "b.npz", x_train=wide)).train.store.fetch(np.arange(40))
    assert found.dtype == np.uint8 and (found[..., 0] == wide).all()


def test_test_images_stay_unread_until_asked_for(tmp_path: Path) -> None:
    broken = np.full((20, 28, 28), 7.0)
    source = load(write_npz(tmp_path / "a.npz", x_test=broken))
    assert source.test is not None and source.test.store.shape == (28, 28, 1)
    with pytest.raises(DataError, match=r"x_test: pixel values 7\.\.7; allowed are 0\.\.1 for floats"):
        source.test.store.fetch(np.array([0]))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"x_train": None}, "has no array x_train"),
        ({"y_train": None, "y_trian": turns(40)}, "has 'y_trian'; allowed are .*; did you mean y_train"),
        ({"x_valid": pixels(4, 28, 28), "y_valid": turns(4)}, "has 'x_valid'; allowed are .*; did you mean x_val"),
        ({"x_test": None, "x_tset": pixels(20, 28, 28)}, "has 'x_tset'; allowed are .*; did you mean x_test"),
        ({"X_val": pixels(4, 28, 28), "y_val": turns(4)}, "has 'X_val'; .*; did you mean x_val"),
        ({"identities": turns(40)}, "has 'identities'; allowed are x_train, y_train, x_val"),
        ({"z" * 900: turns(40)}, "has 'zzzz.*[.]{3}; allowed are"),
        ({"x_train": pixels(40, 28)}, r"shape 40x28; allowed are \(n, H, W\)"),
        ({"x_train": pixels(40, 28, 28, 4)}, "shape 40x28x28x4"),
        ({"x_train": pixels(40, 3, 28, 28)}, "shape 40x3x28x28"),
        ({"x_train": pixels(40, 0, 28)}, "shape 40x0x28x1"),
        ({"x_train": np.float64(3)}, "shape a single number"),
        ({"x_train": pixels(0, 28, 28), "y_train": turns(0)}, "no images"),
        ({"x_train": pixels(40, 28, 28) > 9}, "type bool"),
        ({"x_train": pixels(40, 28, 28).astype(complex)}, "type complex128"),
        ({"x_train": np.full((40, 28, 28), "a")}, "type <U1"),
        ({"x_train": np.full((40, 28, 28), 300)}, r"pixel values 300\.\.300; allowed are 0\.\.255"),
        ({"x_train": np.full((40, 28, 28), -1)}, r"pixel values -1\.\.-1"),
        ({"x_train": pixels(40, 28, 28) * 1.0}, r"allowed are 0\.\.1 for floats"),
        ({"x_train": np.full((40, 28, 28), np.nan)}, r"nan\.\.nan"),
        ({"x_train": np.array([None] * 40)}, "x_train: cannot be read .Python objects, not numbers"),
        ({"y_train": turns(39)}, "y_train: 39 labels for 40 images"),
        ({"y_train": turns(40) * 1.0}, "labels are float64"),
        ({"y_train": np.array(["a", "b"] * 20)}, "labels are <U1"),
        ({"y_train": turns(40).astype(np.int8) - 1}, r"labels -1\.\.8; allowed are 0 upwards"),
        ({"y_train": turns(40) + 1}, "class '0' has no image"),
        ({"y_train": np.full((40, 10), 0.1)}, "not one-hot rows"),
        ({"y_train": np.ones((40, 10), int)}, "not one-hot rows"),
        ({"y_test": turns(20) + 1}, r"y_test: labels 1\.\.10; allowed are 0\.\.9"),
        ({"y_test": None}, "has x_test but not y_test"),
        ({"x_val": pixels(5, 28, 28)}, "has x_val but not y_val"),
        ({"x_test": pixels(20, 28)}, "x_test: images of shape 20x28"),
        ({"x_test": pixels(20, 32, 32)}, "x_test: images of 32x32x1, but x_train has 28x28x1; data.image_size"),
        ({"x_test": pixels(20, 28, 28, 3)}, "x_test: images of 28x28x3, but x_train has 28x28x1; data.image_size"),
        ({"x_val": pixels(5, 30, 28), "y_val": turns(5)}, "x_val: images of 30x28x1, but x_train has 28x28x1"),
        ({"x_test": pixels(0, 28, 28), "y_test": turns(0)}, "x_test: no images"),
        ({"x_val": pixels(0, 28, 28), "y_val": turns(0)}, "x_val: no images"),
        ({"y_train": np.array([10**9, *turns(39)])}, r"labels 0\.\.1000000000; allowed are 0 upwards w"),
        ({"y_train": np.array([2**63 - 1, *turns(39)])}, r"labels 0\.\.9223372036854775807; .* of 40 images"),
        ({"y_train": np.array([2**64 - 1] * 40, np.uint64)}, r"labels 18446744073709551615\.\."),
        ({"y_test": np.array([2**64 - 1] * 20, np.uint64)}, r"y_test: labels 18446744073709551615\.\..* are 0\.\.9"),
        ({"class_names": np.array([f"{k}" * 999 for k in range(11)])}, "class '1.*[.]{3} has no image"),
        ({"class_names": np.array(["a", "b"])}, r"labels 0\.\.9; allowed are 0\.\.1"),
        ({"class_names": np.array(["a"] * 10)}, "10 names, 1 different"),
        ({"class_names": np.arange(10)}, "class_names: int64"),
        ({"class_names": np.array(list("abcdefghijk"))}, "class 'k' has no image"),
    ],
)
def test_arrays_that_cannot_be_used_are_one_line(tmp_path: Path, changed: dict[str, Any], expected: str) -> None:
    path = write_npz(tmp_path / "a.npz", **changed)
    with pytest.raises(DataError, match=expected) as e:
        load(path)
    assert len(e.value.problems) == 1 and "\n" not in str(e.value) and str(path) in str(e.value)
    assert len(str(e.value)) < 400 + len(str(path))


def test_shapes_may_differ_where_the_configuration_makes_them_one(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", x_test=pixels(20, 32, 30, 3))
    for keys in ({"image_size": 28}, {"color": "rgb"}):
        with pytest.raises(DataError, match="x_test: images of 32x30x3"):
            read_source(Data(source="npz", path=str(path), **keys))
    test = read_source(Data(source="npz", path=str(path), image_size=16, color="luminance")).test
    assert test is not None and test.store.shape == (32, 30, 3)


def header_of(shape: str, kind: str = "|u1") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (header_of("(40, 1000000, 1000000)"), "0 bytes of values for shape"),
        (header_of("(40, 10**30)"), ""),
        (header_of(f"({10**30}, 28, 28)"), "0 bytes of values for shape"),
        (header_of("(-1, 28, 28)") + bytes(784), "784 bytes of values for shape"),
        (header_of("(40, 28, 28)") + bytes(9), "9 bytes of values for shape"),
        (header_of("(40, 28, 28)") + bytes(100_000), "100000 bytes of values for shape"),
        (header_of("(40,)", "|O") + bytes(320), "Python objects, not numbers"),
        (header_of("(" * 900), ""),
        (header_of("(40, 28, 28)", "<U99999999999"), ""),
        (b"just text", ""),
        (b"", ""),
    ],
)
def test_headers_are_held_against_the_sizes_before_anything_is_unpacked(
    tmp_path: Path, content: bytes, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np.lib.format, "read_array", None)
    path = write_npz(tmp_path / "a.npz", x_train=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x_train.npy", content)
    with pytest.raises(DataError, match=rf"a\.npz: x_train: cannot be read \(.*{expected}"):
        load(path)


def test_nothing_is_unpacked_of_more_images_than_labels(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", x_train=np.zeros((200, 1000, 1000), np.uint8), x_test=None, y_test=None)
    tracemalloc.start()
    with pytest.raises(DataError, match="y_train: 40 labels for 200 images"):
        load(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_encrypted_archive_is_one_line(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz")
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(signature, at + 4)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"x_train: cannot be read .*encrypted"):
        load(path)


def test_a_member_that_is_no_array_is_one_line(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("read.me", "hello")
    with pytest.raises(DataError, match=r"has 'read\.me'; allowed are x_train"):
        load(path)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.npz")
    with pytest.raises(DataError, match="not a regular file"):
        load(tmp_path / "a.npz")


def test_damage_anywhere_is_one_line(tmp_path: Path) -> None:
    whole, path, rng = write_npz(tmp_path / "a.npz").read_bytes(), tmp_path / "damaged.npz", np.random.default_rng(0)
    places = [*range(300), *range(len(whole) - 400, len(whole))]
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for at in rng.choice(places, 3):
            damaged[at] = rng.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            load(path)
        except DataError as e:
            refused += len(e.problems) == 1 and "\n" not in str(e)
    assert refused > 100


@pytest.mark.parametrize("content", [b"", b"PK\3\4 nonsense", b"\x93NUMPY\1\0", b"just text"])
def test_files_that_are_no_archive_are_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"cannot be read as a NumPy \.npz archive") as e:
        load(path)
    assert len(e.value.problems) == 1


def test_lone_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", pixels(3, 3))
    with pytest.raises(DataError, match="cannot be read as a NumPy"):
        load(tmp_path / "a.npy")


def test_truncated_and_damaged_archives_are_one_line(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz")
    whole = path.read_bytes()
    for content in (whole[:5000], whole[:-10], whole[:3000] + bytes(100) + whole[3100:]):
        path.write_bytes(content)
        with pytest.raises(DataError) as e:
            load(path)
        assert len(e.value.problems) == 1 and str(path) in str(e.value)


def test_missing_path_and_file() -> None:
    with pytest.raises(DataError, match="needs the path"):
        read_source(Data(source="npz"))
    with pytest.raises(DataError, match="no such file"):
        load(Path("nowhere.npz"))


def test_one_class_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "own.npz", y_train=np.zeros(40, np.uint8))
    with pytest.raises(DataError, match=r"own\.npz: y_train: one class; there must be at least 2"):
        load(path)

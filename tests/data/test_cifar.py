from __future__ import annotations

import hashlib
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.cifar import unpickle
from cnnbench.data.sources import cifar10, cifar100
from cnnbench.errors import DataError
from tests.builders.images import batch, pixels, turns, write_cifar10, write_cifar100


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_batches_of_every_protocol(tmp_path: Path, protocol: int) -> None:
    source = cifar10.load(Data(source="cifar10"), write_cifar10(tmp_path, protocol=protocol))
    assert source.test is not None
    images = source.train.store.fetch(np.arange(100))
    rows = np.concatenate([pixels(20, 3072, seed=s) for s in range(5)])
    assert (images == rows.reshape(100, 3, 32, 32).transpose(0, 2, 3, 1)).all()
    assert source.train.labels.tolist() == turns(20).tolist() * 5
    assert (source.test.store.fetch(np.array([3]))[0, :, :, 2].ravel() == pixels(20, 3072, seed=5)[3, 2048:]).all()


def python2_batch(module: bytes) -> bytes:
    """A batch as Python 2 and NumPy 1 wrote it: byte strings, `numpy.core`, protocol 2."""
    data = pixels(2, 3072)
    ours = pickle.dumps({"data": data, "labels": [0, 1]}, protocol=2)
    text = data.tobytes()
    old = (
        b"\x80\x02}q\x01(U\x04dataq\x02c" + module + b"\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85q\x05"
        b"U\x01bq\x06\x87q\x07Rq\x08(K\x01K\x02M\x00\x0c\x86q\tcnumpy\ndtype\nq\nU\x02u1q\x0bK\x00K\x01\x87q\x0cRq\r("
        b"K\x03U\x01|q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0fb\x89T" + len(text).to_bytes(4, "little")
    )
    assert ours != old
    return old + text + b"tq\x10bU\x06labelsq\x11]q\x12(K\x00K\x01eu."


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_batches_that_python_2_wrote(tmp_path: Path, module: bytes) -> None:
    path = tmp_path / "data_batch_1"
    path.write_bytes(python2_batch(module))
    found = unpickle(path)
    assert (found["data"] == pixels(2, 3072)).all() and found["labels"] == [0, 1]


def test_cifar100_has_fine_labels(tmp_path: Path) -> None:
    source = cifar100.load(Data(source="cifar100"), write_cifar100(tmp_path))
    assert len(source.class_names) == 100 and source.class_names[19] == "cattle"
    assert source.train.labels.tolist() == turns(400, 100).tolist() and source.train.store.shape == (32, 32, 3)


class Runs:
    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call, self.arguments


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickle_that_runs_something_is_refused(tmp_path: Path, protocol: int) -> None:
    victim = tmp_path / "victim"
    victim.write_text("still here")
    path = write_cifar10(tmp_path) / "data_batch_2"
    for attack in (Runs(os.unlink, str(victim)), Runs(eval, "__import__('os').abort()"), Runs(np.load, str(victim))):
        path.write_bytes(pickle.dumps({b"data": attack}, protocol=protocol))
        with pytest.raises(DataError, match=r"data_batch_2: .*refused: it names") as e:
            cifar10.load(Data(source="cifar10"), tmp_path)
        assert len(e.value.problems) == 1
    assert victim.exists()


def test_codec_other_than_latin1_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_bytes(b"c_codecs\nencode\n(Vabc\nVrot13\ntR.")
    with pytest.raises(DataError, match="refused: encoding 'rot13'"):
        unpickle(path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({b"data": None}, "has no 'data', only 'labels'$"),
        ({b"labels": None}, "has no 'labels', only 'data'$"),
        ({b"data": pixels(20, 3071)}, r"data is uint8 of shape \(20, 3071\)"),
        ({b"data": pixels(20, 3072) * 1.0}, "data is float64"),
        ({b"data": [1, 2]}, "data is list"),
        ({b"labels": turns(19).tolist()}, "19 labels for 20 images"),
        ({b"labels": [*range(19), 19]}, r"labels 0\.\.19; allowed are 0\.\.9"),
        ({b"labels": [0.5] * 20}, "labels are float64"),
        ({b"labels": [[1], [1, 2]]}, "not a list of numbers"),
        ({b"labels": [10**30] * 20}, "labels are object"),
        ({b"labels": None, b"x" * 900: 1}, r"only 'data', 'x+\.{3}$"),
    ],
)
def test_wrong_contents_are_named(tmp_path: Path, change: dict[bytes, Any], expected: str) -> None:
    path = write_cifar10(tmp_path) / "data_batch_3"
    path.write_bytes(pickle.dumps({k: v for k, v in (batch(20) | change).items() if v is not None}))
    with pytest.raises(DataError, match=expected) as e:
        cifar10.load(Data(source="cifar10"), tmp_path)
    assert len(e.value.problems) == 1 and str(path) in str(e.value)


@pytest.mark.parametrize("content", [b"", b"hello", pickle.dumps([1, 2]), pickle.dumps(batch(20))[:20000]])
def test_broken_pickles_are_named(tmp_path: Path, content: bytes) -> None:
    path = write_cifar10(tmp_path) / "test_batch"
    path.write_bytes(content)
    with pytest.raises(DataError, match="test_batch: ") as e:
        cifar10.load(Data(source="cifar10"), tmp_path)
    assert len(e.value.problems) == 1


DEEP = 200_000
NESTED = {
    "the key of a dictionary": b"}N" + b"\x85" * DEEP + b"Ns.",
    "an item of a set": b"\x8f(N" + b"\x85" * DEEP + b"\x90.",
    "a list": b"}U\x04data" + b"]" * DEEP + b"a" * (DEEP - 1) + b"s.",
    "dictionaries": b"}" + b"U\x01a}" * DEEP + b"s" * DEEP + b".",
    "a type": b"cnumpy\ndtype\n" + b"]" * DEEP + b"a" * (DEEP - 1) + b"\x85R.",
    "tuples kept and taken again": b"}N" + b"".join(b"\x85r" + struct.pack("<I", i) for i in range(DEEP)) + b"Ns.",
}


@pytest.mark.parametrize("content", NESTED.values(), ids=NESTED)
def test_deep_nesting_does_not_end_the_process(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "batch"
    path.write_bytes(b"\x80\x04" + content)
    code = f"from pathlib import Path; from cnnbench.data.cifar import unpickle; unpickle(Path({str(path)!r}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1 and "more than 100 values inside each other" in ended.stderr.splitlines()[-1]


def test_a_place_that_memory_would_be_cleared_up_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "batch").write_bytes(b"\x80\x02Nr\xff\xff\xff\x7f.")
    with pytest.raises(DataError, match="a value is kept as number 2147483647"):
        unpickle(tmp_path / "batch")


def test_many_values_beside_each_other_are_not_deep(tmp_path: Path) -> None:
    for protocol in range(6):
        labels = [np.int64(i % 10) for i in range(3000)]
        (tmp_path / "batch").write_bytes(pickle.dumps({"labels": labels}, protocol=protocol))
        assert unpickle(tmp_path / "batch")["labels"] == labels


def test_damage_anywhere_never_shows_a_traceback(tmp_path: Path) -> None:
    whole, path = pickle.dumps(batch(1), protocol=2), tmp_path / "batch"
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for at in rng.choice([*range(200), *range(len(whole) - 60, len(whole))], 3):
            damaged[at] = rng.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            unpickle(path)
        except DataError as e:
            refused += len(e.problems) == 1
    assert refused > 100


def test_batches_of_unequal_length_are_refused(tmp_path: Path) -> None:
    (write_cifar10(tmp_path) / "data_batch_4").write_bytes(pickle.dumps(batch(10)))
    with pytest.raises(DataError, match="10 images; the batches before have 20"):
        cifar10.load(Data(source="cifar10"), tmp_path)


def test_files_that_are_not_the_published_ones_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_cifar10(tmp_path)
    assert any(
        "not the published CIFAR-10 files" in note for note in cifar10.load(Data(source="cifar10"), folder).notes
    )
    md5 = hashlib.md5((folder / "test_batch").read_bytes()).hexdigest()
    monkeypatch.setattr("cnnbench.data.sources.cifar10.TEST_BATCH_MD5", md5)
    assert list(cifar10.load(Data(source="cifar10"), folder).notes) == [str(folder)]

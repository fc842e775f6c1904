"""When the files of test images are opened: for names, sizes and checksums before training, decoded once after it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.builders.images import (
    write_cifar10,
    write_cifar100,
    write_fashion,
    write_folder,
    write_npz,
)

# What a run does with its data, training left out: every file opened and every decoding is noted with its phase.
TRACED = """
import json, sys
import numpy as np
from PIL import Image

phase, opened, decoded = "before", [], []

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[2] & 3 == 0:
        opened.append((phase, arguments[0]))

sys.addaudithook(note)
load = Image.Image.load

from cnnbench.config.schema import Config
from cnnbench.data import files, stores
from cnnbench.data.load import load_dataset
from cnnbench.data.normalize import measure
from cnnbench.data.record import split_record

read = files.decode
files.decode = lambda path, bits: (decoded.append((phase, str(path))), read(path, bits))[1]
fetched = stores.LazyStore.fetch
stores.LazyStore.fetch = lambda self, rows: (decoded.append((phase, "lazy")), fetched(self, rows))[1]

dataset = load_dataset(Config.model_validate(json.loads(sys.argv[1])), offline=True)
split_record(dataset)
measure("standardize", dataset.train)
everything = lambda split: split.images(np.arange(len(split)))
everything(dataset.train), everything(dataset.validation)
phase = "after"
everything(dataset.test)
dataset.test.images(np.arange(3))  # the samples of the report
print(json.dumps({"opened": opened, "decoded": decoded, "names": list(dataset.test.names)}))
"""


def traced(folder: Path, data: dict[str, Any]) -> dict[str, Any]:
    config = {"name": "x", "data": {"validation": 0.25, **data}, "model": {"layers": ["Flatten", "classifier"]}}
    done = subprocess.run(
        [sys.executable, "-c", TRACED, json.dumps(config)],
        capture_output=True,
        text=True,
        env={"PATH": "", "CNNBENCH_DATA": str(folder), "KERAS_HOME": str(folder), "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def times(pairs: list[list[str]], phase: str, ends: str) -> Counter[str]:
    return Counter(path for when, path in pairs if when == phase and path.endswith(ends))


@pytest.mark.parametrize("own_splits", [True, False])
@pytest.mark.parametrize("keys", [{"image_size": 8}, {}, {"in_memory": True}])
def test_of_folders(own_splits: bool, keys: dict[str, Any], tmp_path: Path) -> None:
    for i, split in enumerate(("train", "test") if own_splits else (".",)):
        write_folder(tmp_path / "images" / split, per_class=8, first=100 * i)
    found = traced(tmp_path, {"source": "image_folder", "path": str(tmp_path / "images"), **keys})
    assert len(found["names"]) == (16 if own_splits else 3)
    headers = 2 if "image_size" in keys else 3  # each file's, whether it is 16-bit grey, whether it has their size
    for name in found["names"]:
        path = str(tmp_path / "images" / name)
        assert (times(found["decoded"], "before", path), times(found["decoded"], "after", path)) == ({}, {path: 1})
        assert times(found["opened"], "before", path) == {path: headers + 1}  # and once for its checksum
        assert times(found["opened"], "after", path) == {path: 1}


@pytest.mark.parametrize("source", ["mnist", "fashion_mnist", "cifar10", "cifar100", "npz"])
def test_of_arrays(source: str, tmp_path: Path) -> None:
    test_file = {
        "mnist": lambda: write_npz(tmp_path / "mnist.npz"),
        "fashion_mnist": lambda: write_fashion(tmp_path / "fashion-mnist") / "t10k-images-idx3-ubyte.gz",
        "cifar10": lambda: write_cifar10(tmp_path / "cifar-10-batches-py") / "test_batch",
        "cifar100": lambda: write_cifar100(tmp_path / "cifar-100-python") / "test",
        "npz": lambda: write_npz(tmp_path / "a.npz"),
    }[source]()
    data = {"source": source, **({"path": str(tmp_path / "a.npz")} if source == "npz" else {})}
    found = traced(tmp_path, data)
    assert times(found["decoded"], "before", "lazy") == {}  # pixels are kept, and used, from the first fetch on
    assert sum(times(found["opened"], "after", test_file.name).values()) in (1, 2)  # NumPy opens an archive by itself
    before = sum(times(found["opened"], "before", test_file.name).values())
    if source == "fashion_mnist":
        assert before == 1  # for the checksums of its images
    assert before >= 1

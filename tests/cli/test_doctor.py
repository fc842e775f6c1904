"""`cnnbench doctor`: what this machine has."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import keras
import pytest

from cnnbench import __version__
from cnnbench.cli.doctor import cached
from cnnbench.machine import cpu, runtime
from tests.builders.images import write_npz
from tests.report.command import cnnbench


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_npz(folder / "mnist.npz")
    return folder


@pytest.fixture
def places(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNBENCH_DATA", str(data))
    monkeypatch.setenv("KERAS_HOME", str(data / "nowhere"))
    return data


def doctor() -> dict[str, Any]:
    code, out, err = cnnbench("doctor", "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_json_says_what_is_there(places: Path) -> None:
    found = doctor()
    assert list(found) == ["versions", "machine", "backend", "precision", "data", "cache"]
    assert found["versions"]["cnnbench"] == __version__
    assert found["versions"]["keras"] == keras.__version__
    assert found["versions"]["python"] == platform.python_version()
    assert found["machine"]["processor"] == cpu.processor()
    assert found["machine"]["cores this process may use"] == cpu.available_cores()
    assert (found["backend"]["name"], found["backend"]["devices"]) == ("tensorflow", [cpu.processor()])
    assert "tensorflow" in found["backend"]["installed"]
    for dtype in ("float32", "bfloat16"):
        assert float(found["precision"][dtype].split()[0]) > 0


def test_data_sets_are_found_or_said_how_to_get(places: Path) -> None:
    data = doctor()["data"]
    assert data["mnist"] == str(places)
    assert data["digits"] == "inside scikit-learn"
    assert data["cifar100"] == "not found; cnnbench data get cifar100"


def test_it_says_how_much_is_kept_and_where(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    where = {"folder": f"{tmp_path / 'cnnbench'}, may be deleted"}
    assert cached() == where
    for name, length in (("a", 1500), ("b", 500)):
        (tmp_path / "cnnbench" / "prepared").mkdir(parents=True, exist_ok=True)
        (tmp_path / "cnnbench" / "prepared" / f"{name}.npy").write_bytes(bytes(length))
    assert doctor()["cache"] == {**where, "prepared": "2.0 kB"}


def test_the_table_has_a_line_for_everything(places: Path) -> None:
    code, out, err = cnnbench("doctor")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert ["versions", "cnnbench", __version__] in lines
    assert ["fashion_mnist", "not", "found;", "cnnbench", "data", "get", "fashion_mnist"] in lines


@pytest.mark.parametrize(("name", "said"), [("jaxx", "did you mean jax?"), ("jax", "already runs Keras on tensorflow")])
def test_a_backend_that_cannot_be_is_one_line(name: str, said: str) -> None:
    runtime.start()
    code, out, err = cnnbench("doctor", "--backend", name)
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1

"""`cnnbench smoke`: a line per configuration, and exit code 4 where one fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnnbench.experiment import smoke as smoking
from tests.report.command import cnnbench
from tests.tools import tiny, write_config


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """An architecture that cannot be built at the shape it names."""
    path = tmp_path / "broken.yaml"
    path.write_text("input: [4, 4, 1]\nlayers: [{Conv2D: {filters: 2, kernel_size: 5}}, Flatten, classifier]\n")
    return path


@pytest.mark.slow
def test_two_experiments_and_an_architecture_pass() -> None:
    code, out, err = cnnbench("smoke", "lenet5-digits", "mlp-fashion-mnist", "simple-cnn")
    assert (code, err) == (0, "")
    *lines, last = out.splitlines()
    assert [(line.split()[0], line.split()[-1]) for line in lines] == [
        ("lenet5-digits", "pass"),
        ("mlp-fashion-mnist", "pass"),
        ("simple-cnn", "pass"),
    ]
    assert last == "3 passed, 0 failed"


def test_one_that_fails_is_named_and_the_others_run(broken: Path, tmp_path: Path) -> None:
    good = write_config(tmp_path, tiny(name="good"))
    code, out, err = cnnbench("smoke", broken, good)
    assert code == 4
    assert [(line.split()[0], line.split()[-1]) for line in out.splitlines()] == [("broken", "FAIL"), ("good", "pass")]
    reason = f"{broken}:2: model.layers[0].Conv2D: kernel 5x5 is larger than its map 4x4 (padding: valid)"
    assert err == f"error: broken: {reason}\nerror: 1 of 2 failed\n"


def test_lost_parity_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoking, "PARITY", -1.0)  # no two numbers are as close as this
    code, out, err = cnnbench("smoke", write_config(tmp_path, tiny()))
    assert (code, out.split()[-1]) == (4, "FAIL")
    assert err.startswith("error: tiny: the reloaded model's probabilities differ by ")


def test_json_is_one_document(broken: Path, tmp_path: Path) -> None:
    code, out, err = cnnbench("smoke", write_config(tmp_path, tiny()), broken, "--json")
    found: dict[str, Any] = json.loads(out)
    assert code == 4
    assert (found["passed"], found["failed"]) == (1, 1)
    assert [outcome["config"] for outcome in found["outcomes"]] == ["tiny", "broken"]
    assert found["outcomes"][0]["problem"] is None and found["outcomes"][0]["seconds"] > 0
    assert "kernel 5x5" in found["outcomes"][1]["problem"]
    assert err.splitlines()[-1] == "error: 1 of 2 failed"


def test_quiet_says_nothing_but_what_failed(broken: Path, tmp_path: Path) -> None:
    assert cnnbench("smoke", write_config(tmp_path, tiny()), "--quiet") == (0, "", "")
    code, out, err = cnnbench("smoke", broken, "--quiet")
    assert (code, out) == (4, "")
    assert "kernel 5x5 is larger" in err


def test_several_mistakes_of_one_configuration_are_one_line(tmp_path: Path) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_text("name: wrong\nseed: x\nmodel: {layers: [Flatten, classifier]}\ntrain: {epochs: 0}\n")
    code, _, err = cnnbench("smoke", config)
    first, last = err.splitlines()
    assert (code, last) == (4, "error: 1 of 1 failed")
    assert "wrong.yaml:2: seed" in first and "; " in first and "wrong.yaml:4: train.epochs" in first


def test_an_unknown_name_is_a_failure_that_names_the_closest() -> None:
    code, out, err = cnnbench("smoke", "lenet5-digit")
    assert (code, len(out.splitlines())) == (4, 1)
    assert "did you mean lenet5-digits?" in err


@pytest.mark.slow
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(smoking.tempfile, "tempdir", str(tmp_path))
    write_config(tmp_path, tiny())
    before = set(tmp_path.rglob("*"))
    assert cnnbench("smoke", "tiny.yaml")[0] == 0
    assert set(tmp_path.rglob("*")) == before

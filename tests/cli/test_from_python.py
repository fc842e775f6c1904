"""What commands do with a trained run, called from Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import cnnbench
from cnnbench.errors import ConfigError
from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, write_interrupted_run


def test_a_run_is_exported_as_the_command_does(digits_run: RunDir, tmp_path: Path) -> None:
    run = cnnbench.open(shutil.copytree(digits_run.path, tmp_path / "run"))
    assert isinstance(run, cnnbench.Run) and isinstance(run, cnnbench.Result)
    done = run.export("safetensors", tmp_path / "net.safetensors", images=20)
    assert done.path.is_file() and done.labels.is_file() and done.card.is_file()
    assert done.found is not None and done.found["images"] == 20 and done.found["flipped"] == 0


def test_a_run_is_explained_as_the_command_does(digits_run: RunDir, tmp_path: Path) -> None:
    run = cnnbench.open(shutil.copytree(digits_run.path, tmp_path / "run"))
    facts = run.explain(index=[0])
    (told,) = facts["images"]
    assert run.predictions is not None
    assert told["predicted"] == run.class_names[run.predictions.predicted[0]]
    assert told["true"] == run.class_names[run.predictions.labels[0]]
    assert "Grad-CAM" in run.report.read_text()


def test_what_has_no_model_is_not(tmp_path: Path) -> None:
    run = cnnbench.open(write_interrupted_run(tmp_path, digits()).path)
    with pytest.raises(ConfigError, match="has no finished model"):
        run.export("onnx", tmp_path / "net.onnx")

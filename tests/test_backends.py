"""Training on Keras' other backends, where TensorFlow cannot be imported; collected only where one is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from cnnbench.runs.predictions import read_predictions
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, comparable_history, only_run, tiny, variables, write_config

ROOT = Path(__file__).parent.parent
WITHOUT_TENSORFLOW = """
import importlib.machinery, sys
from unittest.mock import patch
find = importlib.machinery.PathFinder.find_spec
def find_others(name, path=None, target=None):
    return None if name.partition(".")[0] == "tensorflow" else find(name, path, target)
patch.object(importlib.machinery.PathFinder, "find_spec", find_others).start()
from cnnbench.cli.main import main
from cnnbench.runs.run import Run
try:
    main()
finally:
    assert "tensorflow" not in sys.modules
"""


def cnnbench(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `cnnbench` in a process that has no TensorFlow."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done


@pytest.mark.slow
@pytest.mark.parametrize("backend", [name for name in ("jax", "torch") if find_spec(name)])
def test_training_predicting_and_going_on_without_tensorflow(backend: str, tmp_path: Path) -> None:
    changes = {
        "train__ema": 0.9,
        "train__early_stopping": {"patience": 5},
        "augment": ["MixUp", {"Cutout": {"size": 2}}],
    }
    config = write_config(tmp_path, tiny(**changes, train__epochs=2))
    cnnbench("train", config, "--backend", backend, "--output", "whole", cwd=tmp_path)
    whole = RunDir(only_run(tmp_path / "whole"))
    environment = json.loads(whole.environment.read_text())
    assert environment["backend"] == backend and backend in environment["packages"]
    assert whole.report.exists() and Run(whole.path).status["state"] == "done"

    cnnbench("train", config, "train.epochs=1", "--backend", backend, "--output", "halves", cwd=tmp_path)
    halves = RunDir(only_run(tmp_path / "halves"))
    cnnbench("train", "--resume", halves.path, "train.epochs=2", "--backend", backend, cwd=tmp_path)
    assert_same_variables(halves.last_checkpoint, whole.last_checkpoint)
    assert_same_variables(halves.best_checkpoint, whole.best_checkpoint)
    assert comparable_history(Run(halves.path).history) == comparable_history(Run(whole.path).history)
    assert halves.predictions.read_bytes() == whole.predictions.read_bytes()

    again = cnnbench("evaluate", whole.path, "--json", "--predictions", "p.csv", "--backend", backend, cwd=tmp_path)
    assert json.loads(again.stdout)["accuracy"] == (Run(whole.path).metrics or {})["accuracy"]
    assert (tmp_path / "p.csv").read_bytes() == whole.predictions.read_bytes()
    assert read_predictions(whole.predictions) is not None


@pytest.mark.slow
@pytest.mark.parametrize("backend", [name for name in ("jax", "torch") if find_spec(name)])
def test_stages_without_tensorflow(backend: str, tmp_path: Path) -> None:
    """Frozen layers stay to the bit, layers learn at rates of their own, and a run goes on in a later stage."""
    changes = {
        "model__freeze": "base",
        "train__unfreeze": {"after_epochs": 1, "layers": ["conv2d_1"], "learning_rate": 0.002},
        "train__learning_rate_factors": {"conv2d_1": 0.1},
        "train__ema": 0.5,
    }
    config = write_config(tmp_path, tiny(**changes, train__epochs=3))
    cnnbench("train", config, "--backend", backend, "--output", "whole", cwd=tmp_path)
    cnnbench("train", config, "train.epochs=2", "--backend", backend, "--output", "halves", cwd=tmp_path)
    whole, halves = (RunDir(only_run(tmp_path / name)) for name in ("whole", "halves"))
    cnnbench("train", "--resume", halves.path, "train.epochs=3", "--backend", backend, cwd=tmp_path)
    assert_same_variables(halves.last_checkpoint, whole.last_checkpoint)
    found = variables(whole.last_checkpoint)
    (mean,) = (value for name, value in found.items() if name.endswith("moving_mean"))
    assert not mean.any()

    dsd = "{sparsity: 0.5, dense_epochs: 1, sparse_epochs: 1, final_learning_rate: 1e-4}"
    dense = write_config(tmp_path, tiny(name="dense", train__epochs=3))
    wanted = ("train", dense, f"train.dense_sparse_dense={dsd}", "--backend", backend)
    cnnbench(*wanted, "--output", "dsd", cwd=tmp_path)
    assert Run(only_run(tmp_path / "dsd")).status["state"] == "done"

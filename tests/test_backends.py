"""Training on Keras' other backends, where TensorFlow cannot be imported; collected only where one is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from cnnbench.explain.explain import Wanted, explain
from cnnbench.report.explained import KINDS
from cnnbench.runs.folder import RunDir
from cnnbench.runs.predictions import read_predictions
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, comparable_history, only_run, tiny, variables, write_config

ROOT = Path(__file__).parent.parent
# What one process has compiled the next one need not compile again.
JAX = {
    "JAX_PLATFORMS": "cpu",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
}
WITHOUT_TENSORFLOW = """
import importlib.machinery, sys
from unittest.mock import patch
find = importlib.machinery.PathFinder.find_spec
def find_others(name, path=None, target=None):
    return None if name.partition(".")[0] == "tensorflow" else find(name, path, target)
patch.object(importlib.machinery.PathFinder, "find_spec", find_others).start()
from pathlib import Path
import json
from tests.drawing import only_if_asked
from tests.tools import cnnbench
only_if_asked()
said = []
for arguments in json.load(sys.stdin):
    done = cnnbench(*arguments, cwd=Path.cwd())
    assert (done.returncode, done.stderr) == (0, ""), done
    said.append(done.stdout)
assert "tensorflow" not in sys.modules
print(json.dumps(said))
"""


def cnnbench(*commands: Sequence[str | Path], backend: str, cwd: Path) -> list[str]:
    """Run commands after one another in a process that has no TensorFlow; return what each printed."""
    lines = [[*map(str, command), "--backend", backend] for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **JAX, "JAX_COMPILATION_CACHE_DIR": str(cwd / "compiled")},
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.slow
@pytest.mark.parametrize("backend", [name for name in ("jax", "torch") if find_spec(name)])
def test_training_predicting_and_going_on_without_tensorflow(backend: str, tmp_path: Path) -> None:
    changes = {
        "train__ema": 0.9,
        "train__early_stopping": {"patience": 5},
        "augment": ["AlternatingFlip", "MixUp", {"Cutout": {"size": 2}}],
    }
    config = write_config(tmp_path, tiny(**changes, train__epochs=2))
    half = ("train", config, "train.epochs=1", "--output", "halves")
    cnnbench(("train", config, "--output", "whole"), half, backend=backend, cwd=tmp_path)
    whole, halves = (RunDir(only_run(tmp_path / name)) for name in ("whole", "halves"))
    environment = json.loads(whole.environment.read_text())
    assert environment["backend"] == backend and backend in environment["packages"]
    assert environment["learner"] == "keras" and Run(whole.path).config["train"]["backend"] == backend
    assert whole.report.exists() and Run(whole.path).status["state"] == "done"

    rest = ("train", "--resume", halves.path, "train.epochs=2")
    again = ("evaluate", whole.path, "--json", "--predictions", "p.csv")
    predicted = read_predictions(whole.predictions)
    assert predicted is not None
    look = ("explain", whole.path, "--index", predicted.indices[0], "--json")
    _, evaluated, explained = cnnbench(rest, again, look, backend=backend, cwd=tmp_path)
    assert_same_variables(halves.last_checkpoint, whole.last_checkpoint)
    assert_same_variables(halves.best_checkpoint, whole.best_checkpoint)
    assert comparable_history(Run(halves.path).history) == comparable_history(Run(whole.path).history)
    assert halves.predictions.read_bytes() == whole.predictions.read_bytes()

    assert json.loads(evaluated)["accuracy"] == (Run(whole.path).metrics or {})["accuracy"]
    assert (tmp_path / "p.csv").read_bytes() == whole.predictions.read_bytes()

    with np.load(whole.explained_pictures) as kept:
        maps = kept["maps"].astype(float)
    by_tensorflow = explain(Run(whole.path), Wanted(indices=[int(predicted.indices[0])]))
    assert [one["kind"] for one in json.loads(explained)["images"][0]["maps"]] == [*KINDS]
    np.testing.assert_allclose(maps, by_tensorflow.arrays["maps"].astype(float), atol=0.01)


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
    dsd = "{sparsity: 0.5, dense_epochs: 1, sparse_epochs: 1, final_learning_rate: 1e-4}"
    dense = write_config(tmp_path, tiny(name="dense", train__epochs=3))
    cnnbench(
        ("train", config, "--output", "whole"),
        ("train", config, "train.epochs=2", "--output", "halves"),
        ("train", dense, f"train.dense_sparse_dense={dsd}", "--output", "dsd"),
        ("train", dense, "train.budget_minutes=0.02", "train.schedule=PolynomialDecay", "--output", "timed"),
        backend=backend,
        cwd=tmp_path,
    )
    whole, halves, pruned, timed = (RunDir(only_run(tmp_path / n)) for n in ("whole", "halves", "dsd", "timed"))
    assert Run(pruned.path).status["state"] == Run(timed.path).status["state"] == "done"
    rates = [rate for _, rate in Run(timed.path).rates]
    assert rates == sorted(rates, reverse=True) and rates[0] == 0.01
    assert variables(timed.last_checkpoint)["optimizer/1"] == np.float32(rates[-1])  # what the steps were made with
    cnnbench(("train", "--resume", halves.path, "train.epochs=3"), backend=backend, cwd=tmp_path)
    assert_same_variables(halves.last_checkpoint, whole.last_checkpoint)
    (mean,) = (value for name, value in variables(whole.last_checkpoint).items() if name.endswith("moving_mean"))
    assert not mean.any()

"""A network in plain NumPy carried out as any other, in a process that has neither Keras nor TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cnnbench
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError, DataError
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.learners.choose import load
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import ROOT, assert_same_variables, comparable_history, only_run, tiny, write_config

# All commands in one process, in which importing Keras is a mistake of the program.
SCRIPT = """
import json, sys
for name in ("keras", "tensorflow"):
    sys.modules[name] = None
from pathlib import Path
from tests.drawing import only_if_asked
from tests.tools import cnnbench
only_if_asked()
said = []
for arguments in json.load(sys.stdin):
    done = cnnbench(*arguments, cwd=Path.cwd())
    assert (done.returncode, done.stderr) == (0, ""), done
    said.append(done.stdout)
print(json.dumps(said))
"""


def commands(*lines: Sequence[str | Path], cwd: Path) -> list[str]:
    """Run commands after one another; return what each printed."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps([list(map(str, line)) for line in lines]),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout.splitlines()[-1])
    return said


def plain(**changes: Any) -> dict[str, Any]:
    return tiny(**{"augment": [], "train__backend": "numpy", **changes})


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a folder with a run, and one that was stopped and gone on with, and what was printed."""
    folder = tmp_path_factory.mktemp("plain")
    training = {
        "optimizer": {"name": "SGD", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        "schedule": {"name": "ReduceLROnPlateau", "patience": 1, "min_delta": 10.0, "factor": 0.5},
        "early_stopping": {"patience": 4, "monitor": "val_accuracy"},
        "class_weight": "balanced",
        "epochs": 4,
        "batch_size": 32,
    }
    whole = write_config(folder, plain(train={**training, "backend": "numpy"}))
    named = write_config(folder, plain(name="named", train=training))
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(folder / "dark.png")
    said = commands(
        ("train", whole, "--output", "whole"),
        ("train", named, "train.epochs=3", "--backend", "numpy", "--output", "halves"),
        ("train", "--resume", "halves/named", "train.epochs=4"),
        ("evaluate", "whole/tiny", "--json", "--predictions", "again.csv"),
        ("predict", "whole/tiny", "dark.png", "--json", "--quiet"),
        ("smoke", whole),
        ("evaluate", "whole/tiny", "--corrupt", "--skew", "--images", "20", "--json"),
        cwd=folder,
    )
    return folder, said


def test_a_run_is_as_any_other(places: tuple[Path, list[str]]) -> None:
    run = RunDir(only_run(places[0] / "whole"))
    told = Run(run.path).whole()
    assert told.status["state"] == "done" and run.report.exists()
    assert run.model.name == "model.npz" and told.config["train"]["backend"] == "numpy"
    assert (told.environment["learner"], told.environment["backend"]) == ("numpy", "numpy")
    assert told.environment["packages"]["numpy"] == np.__version__
    assert [row["learning_rate"] for row in told.history] == pytest.approx([0.05, 0.05, 0.025, 0.0125])
    assert told.history[-1]["val_accuracy"] > 0.5 and told.status["kept_epoch"] == told.status["best_epoch"]
    assert told.layers["parameters"] == {"total": 842, "trainable": 826, "non_trainable": 16}
    assert [row["name"] for row in told.layers["layers"]][:2] == ["normalization", "conv2d_1"]
    assert (told.metrics or {})["macs"] == told.layers["macs"] == 6 * 6 * 72 + 72 * 10


def test_a_run_that_was_stopped_ends_as_one_that_was_not(places: tuple[Path, list[str]]) -> None:
    whole, halves = (RunDir(only_run(places[0] / name)) for name in ("whole", "halves"))
    assert_same_variables(halves.last_checkpoint, whole.last_checkpoint)
    assert_same_variables(halves.best_checkpoint, whole.best_checkpoint)
    assert comparable_history(Run(halves.path).history) == comparable_history(Run(whole.path).history)
    assert halves.predictions.read_bytes() == whole.predictions.read_bytes()
    assert Run(halves.path).config["train"]["backend"] == "numpy"


def test_it_is_asked_as_any_other(places: tuple[Path, list[str]]) -> None:
    folder, (_, _, _, evaluated, predicted, smoked, corrupted) = places
    run = Run(only_run(folder / "whole"))
    assert json.loads(evaluated)["accuracy"] == (run.metrics or {})["accuracy"]
    assert (folder / "again.csv").read_bytes() == run.folder.predictions.read_bytes()
    assert sum(json.loads(predicted)[0]["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert "1 passed, 0 failed" in smoked
    assert len(json.loads(corrupted)["corruptions"]["kinds"]) == 11
    assert json.loads(corrupted)["skews"]["trained_with"].startswith("0 becomes ")
    opened = cnnbench.open(run.path)
    images = np.zeros((3, 8, 8, 1))
    assert opened.load_model()(images) == pytest.approx(opened.predict(images), abs=1e-6)


def test_a_resumed_run_keeps_to_what_it_began_on(places: tuple[Path, list[str]]) -> None:
    run = RunDir(only_run(places[0] / "whole"))
    with pytest.raises(ConfigError, match="began on numpy and goes on there"):
        execute(Run(run.path).load_config(), Options(resume=run.path, backend="tensorflow"))
    with pytest.raises(ConfigError, match="is a network of NumPy's and is asked there"):
        load(run.model, "tensorflow")


def changed(arrays: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = json.loads(str(arrays["network"])) | changes
    return {**arrays, "network": np.array(json.dumps(told))}


DAMAGE: dict[str, tuple[Any, str]] = {
    "a weight of another shape": (lambda a: {**a, "logits/bias": np.zeros(3, np.float32)}, "logits/bias: expected"),
    "a weight less": (lambda a: {k: v for k, v in a.items() if k != "logits/bias"}, "logits/bias: expected"),
    "no layers": (lambda a: {k: v for k, v in a.items() if k != "network"}, "does not tell its layers"),
    "other text": (lambda a: {**a, "network": np.array("[1]")}, "expected a mapping"),
    "other scaling": (lambda a: changed(a, scale=[1.0, 2.0]), "scale and offset"),
    "a layer there is not": (lambda a: changed(a, model={"layers": ["Fltten", "classifier"]}), "did you mean Flatten"),
    "a layer beyond it": (
        lambda a: changed(a, model={"layers": ["LayerNormalization", "Flatten", "classifier"]}),
        "numpy has no LayerNormalization",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_told(name: str, places: tuple[Path, list[str]], tmp_path: Path) -> None:
    damage, said = DAMAGE[name]
    with np.load(RunDir(only_run(places[0] / "whole")).model, allow_pickle=False) as archive:
        np.savez(tmp_path / "model.npz", **damage(dict(archive)))
    with pytest.raises(DataError, match=said):
        load(tmp_path / "model.npz")


def layers(*before: Any) -> dict[str, Any]:
    return {"model__layers": [*before, "Flatten", "classifier"]}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"augment": ["MixUp"]}, r"augment: numpy has no augmentation; augment=\[\] leaves it out"),
    ({"model__weights": "x.npz"}, "model.weights: numpy has no weights"),
    ({"model__freeze": ["conv2d_1"]}, "model.freeze: numpy has no freeze"),
    ({"train__precision": "mixed_bfloat16"}, "train.precision: numpy has no mixed_bfloat16; it has float32, auto"),
    ({"train__distribute": "mirrored"}, "train.distribute: numpy has no distribute"),
    ({"train__ema": 0.9}, "train.ema: numpy has no ema"),
    ({"train__learning_rate_factors": {"conv2d_1": 0.1}}, "numpy has no learning_rate_factors"),
    ({"train__optimizer": "Lion"}, "train.optimizer.name: numpy has no Lion; it has SGD, RMSprop, Adagrad, Adam"),
    (
        {"train__optimizer": {"name": "SGD", "gradient_accumulation_steps": 2}},
        "train.optimizer.gradient_accumulation_steps: numpy has no gradient_accumulation_steps",
    ),
    ({"train__loss": "mean_absolute_error"}, "train.loss.name: numpy has no mean_absolute_error"),
    (layers("LayerNormalization"), "layer_normalization_1: numpy has no LayerNormalization; it has Activation"),
    (
        layers({"residual": {"layers": [{"DepthwiseConv2D": {"kernel_size": 3, "padding": "same"}}]}}),
        "depthwise_conv2d_1: numpy has no DepthwiseConv2D",
    ),
    (
        layers({"Conv2D": {"filters": 2, "kernel_size": 3, "dilation_rate": 2}}),
        "conv2d_1: numpy has no dilation_rate of 2",
    ),
    (
        layers({"Conv2D": {"filters": 2, "kernel_size": 3, "activation": "elu"}}),
        "conv2d_1.activation: numpy has no elu; it has linear, relu",
    ),
    (
        layers({"Conv2D": {"filters": 2, "kernel_size": 3, "kernel_initializer": "orthogonal"}}),
        "conv2d_1.kernel_initializer: numpy has no Orthogonal",
    ),
    (
        layers({"Conv2D": {"filters": 2, "kernel_size": 3, "kernel_regularizer": "l2"}}),
        "conv2d_1: numpy has no kernel_regularizer of",
    ),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED, ids=lambda each: each if isinstance(each, str) else "")
def test_what_it_cannot_do_is_told_by_name(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(plain(**changes))
    with pytest.raises(ConfigError, match=said):  # by --backend it is told before anything is trained
        execute(load_config(tiny(**{"augment": [], **changes})), Options(output=tmp_path, backend="numpy"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_sweep_varies_what_computes(tmp_path: Path) -> None:
    base = plain(train__epochs=1)
    sweep = {"name": "engines", "base": base, "space": {"train.backend": ["numpy", "tensorflow"]}, "search": "grid"}
    path = write_config(tmp_path, sweep)
    from tests.tools import process

    done = process("sweep", path, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    runs = [Run(found.parent) for found in (tmp_path / "outputs").rglob("environment.json")]
    assert {run.environment["backend"] for run in runs} == {"numpy", "tensorflow"}
    assert all(run.is_done and run.config["train"]["backend"] == run.environment["backend"] for run in runs)
    refused = process("sweep", path, "--backend", "jax", cwd=tmp_path)
    assert refused.returncode == 2 and "--backend jax: the sweep itself varies train.backend" in refused.stderr

"""Commands on runs of estimators: smoke, prediction, sweeps and repeats, all without epochs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnbench.config.load import load_config
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import nothing_left
from cnnbench.experiment.smoke import smoke_one
from cnnbench.runs.folder import RunDir
from tests.tools import cnnbench


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("commands")
    config = load_config("svc-digits", ["data.subset.train=300", "data.subset.test=50"])
    execute(config, Options(folder=place / "run", report=False))
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(place / "digit.png")
    return place


def test_smoke_needs_no_checkpoints() -> None:
    assert smoke_one("svc-digits").problem is None


def test_prediction_says_classes_and_no_probabilities(folder: Path) -> None:
    (said,) = json.loads(cnnbench("predict", folder / "run", folder / "digit.png", "--json", cwd=folder).stdout)
    assert set(said) == {"file", "predicted"}
    assert cnnbench("predict", folder / "run", folder / "digit.png", "--csv", cwd=folder).stdout.startswith(
        "file,predicted,problem\n"
    )
    table = cnnbench("predict", folder / "run", folder / "digit.png", cwd=folder).stdout
    assert table.split()[:2] == ["image", "predicted"] and "%" not in table


def test_evaluate_measures_again(folder: Path) -> None:
    said = json.loads(cnnbench("evaluate", folder / "run", "--json", cwd=folder).stdout)
    written = json.loads((folder / "run" / "metrics.json").read_text())
    assert said["accuracy"] == written["accuracy"] and "log_loss" in said["without_probabilities"]


def test_a_run_that_is_fitted_has_nothing_left(folder: Path) -> None:
    config = load_config(folder / "run" / "config.yaml")
    assert nothing_left(config, RunDir(folder / "run")) == "SVC is fitted, and has no epochs"


def test_a_backend_of_keras_has_no_effect(folder: Path) -> None:
    found = cnnbench("predict", folder / "run", folder / "digit.png", "--backend", "jax", cwd=folder)
    assert found.returncode == 2 and "has no effect with model.estimator" in found.stderr


def test_there_are_no_layers_to_inspect(tmp_path: Path) -> None:
    found = cnnbench("inspect", "svc-digits", cwd=tmp_path)
    assert found.returncode == 2 and "SVC is an estimator of scikit-learn, which has no layers" in found.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("space: {model.estimator.SVC.C: [1, 10]}\nobjective: val_loss\n", "SVC has no val_loss"),
        ("search: {method: ablation}\n", "the base has none of the techniques"),
        ("space: {model.estimator.SVC.C: [0, 10]}\n", "model.estimator.SVC.C: expected a number > 0.0, found 0"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"name: s\nbase: svc-digits\n{text}")
    found = cnnbench("sweep", tmp_path / "s.yaml", "--plan", cwd=tmp_path)
    assert found.returncode == 2 and told in found.stderr


@pytest.mark.slow
def test_a_sweep_and_repeats_of_estimators(tmp_path: Path) -> None:
    space = "{model.estimator: [{SVC: {C: 0.01}}, KNeighborsClassifier]}"
    (tmp_path / "s.yaml").write_text(f"name: s\nbase: svc-digits\nspace: {space}\n")
    cnnbench("sweep", tmp_path / "s.yaml", "--output", tmp_path / "out", cwd=tmp_path)
    board = (tmp_path / "out" / "s" / "leaderboard.csv").read_text()
    assert len(board.splitlines()) == 3
    best = load_config(tmp_path / "out" / "s" / "best.yaml")
    assert best.model.title == "KNeighborsClassifier"
    cnnbench("train", "svc-digits", "--folds", "2", "--name", "folds", "--output", tmp_path / "out", cwd=tmp_path)
    (summary,) = (tmp_path / "out" / "folds").glob("*/summary.json")
    found = json.loads(summary.read_text())
    assert {"accuracy", "val_accuracy"} <= set(found["metrics"]) and "epochs" not in found["metrics"]


def test_it_is_corrupted_and_prepared_wrongly_as_any_other(folder: Path) -> None:
    done = cnnbench("evaluate", folder / "run", "--corrupt", "--skew", "--images", "12", "--json", cwd=folder)
    said = json.loads(done.stdout)
    assert len(said["corruptions"]["kinds"]) == 11 and said["corruptions"]["images"] == 12
    assert said["skews"]["clean"]["accuracy"] == said["corruptions"]["clean"]["accuracy"]
    assert "transposed" in {row["kind"] for row in said["skews"]["kinds"]}

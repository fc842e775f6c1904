"""Estimators of scikit-learn as runs: what is written, read back and asked, without epochs and without Keras."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

import cnnbench
from cnnbench.catalogue.measures import COMPUTED
from cnnbench.config.load import load_config
from cnnbench.data.load import load_dataset
from cnnbench.data.normalize import statistics
from cnnbench.data.types import Split
from cnnbench.errors import TrainingError
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.report.write import write_report
from cnnbench.runs.run import Run

DIGITS = {"source": "digits", "subset": {"train": 400, "test": 100}}


def run(folder: Path, estimator: Any, features: Any = "pixels", **changes: Any) -> Result:
    config = {"name": "x", "data": DIGITS, "model": {"estimator": estimator, "features": features}, **changes}
    return execute(load_config(config), Options(folder=folder, report=False))


@pytest.fixture(scope="module")
def svc(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("svc") / "run", {"SVC": {"C": 10}}, {"pca": {"components": 20}})


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("neighbours") / "run", "KNeighborsClassifier")


def values(split: Split, of: Split) -> np.ndarray[Any, Any]:
    mean, std = statistics(of)
    return ((split.images(np.arange(len(split))) - mean) / std).astype(np.float32).reshape(len(split), -1)


def test_it_says_what_scikit_learn_says(neighbours: Result, svc: Result) -> None:
    dataset = load_dataset(neighbours.config)
    train, test = values(dataset.train, dataset.train), values(dataset.test, dataset.train)
    found = KNeighborsClassifier().fit(train, dataset.train.labels).predict_proba(test)
    assert neighbours.predictions is not None
    np.testing.assert_allclose(neighbours.predictions.probabilities, found, atol=1e-6)
    pca = PCA(20, random_state=0).fit(train)
    machine = SVC(C=10).fit(pca.transform(train), dataset.train.labels)
    assert svc.predictions is not None
    assert svc.predictions.predicted.tolist() == machine.predict(pca.transform(test)).tolist()


def test_without_probabilities_the_measures_that_need_them_are_left_out_by_name(svc: Result) -> None:
    need = [row.key for row in COMPUTED if row.probabilistic]
    assert svc.metrics["without_probabilities"] == ["top_k.5", *need]
    assert len(need) == 5 and not set(need) & set(svc.metrics) and svc.metrics["top_k"] == {}
    with Run(svc.path).folder.predictions.open(newline="") as file:
        assert next(csv.reader(file)) == ["index", "name", "true", "predicted"]
    assert svc.predictions is not None and svc.predictions.probabilities is None
    assert svc.accuracy == svc.predictions.right.mean() > 0.9


def test_with_probabilities_nothing_is_left_out(neighbours: Result) -> None:
    assert "without_probabilities" not in neighbours.metrics and neighbours.metrics["log_loss"] > 0


def test_there_are_no_epochs(svc: Result) -> None:
    assert svc.history == [] and (svc.status["epoch"], svc.status["epochs"]) == (0, 0)
    assert svc.status["kept_epoch"] is None and svc.status["reason"] == "fitted"
    assert set(svc.metrics["fit"]) == {"accuracy"}
    validated = Run(svc.path).on("validation").metrics
    assert validated and Run(svc.path).kept == {**svc.metrics["fit"], "val_accuracy": validated["accuracy"]}
    assert svc.metrics["times"]["epochs_seconds"] > 0
    assert not {"parameters", "macs"} & set(svc.metrics)
    assert str(svc).splitlines()[2].startswith("fitted in ")


def test_the_page_speaks_of_an_estimator(svc: Result) -> None:
    write_report(Run(svc.path).folder)
    page = svc.report.read_text(encoding="utf-8")
    assert "SVC of scikit-learn" in page and "pca (components: 20" in page
    assert "SVC gives no probabilities. Left out, as they need them: Top-5 accuracy, ROC AUC" in page
    assert "support vectors" in page
    for absent in ("Best epoch", "MACs per image", "Calibration", "Most confident mistakes", "Learning curves"):
        assert absent not in page


def test_a_run_is_opened_and_asked(svc: Result, neighbours: Result) -> None:
    for result in (svc, neighbours):
        dataset = load_dataset(result.config)
        images = dataset.test.images(np.arange(len(dataset.test)))
        said = cnnbench.open(result.path).predict(images)
        assert said.shape == (100, 10) and result.predictions is not None
        assert said.argmax(axis=1).tolist() == result.predictions.predicted.tolist()
    assert set(np.unique(svc.predict(images))) == {0, 1}


def test_seed_decides_what_is_drawn(tmp_path: Path) -> None:
    forest = {"RandomForestClassifier": {"n_estimators": 5}}
    results = [run(tmp_path / f"{i}", forest, seed=seed) for i, seed in enumerate((1, 1, 2))]
    first, second, other = (result.predictions.probabilities for result in results if result.predictions)
    assert first is not None and second is not None and other is not None
    assert (first == second).all() and (first != other).any()
    assert [note for note in results[0].status["notes"] if note.startswith("5 trees, ")]


@pytest.mark.parametrize("clusterer", ["KMeans", "FuzzyCMeans"])
def test_clusters_are_matched_on_training_images_and_that_is_said(clusterer: str, tmp_path: Path) -> None:
    arguments = {"n_clusters": 15, **({"m": 1.2} if clusterer == "FuzzyCMeans" else {})}
    result = run(tmp_path / "run", {clusterer: arguments})
    (note,) = (note for note in result.status["notes"] if note.startswith("unsupervised: 15 clusters"))
    assert "each cluster stands for the class that most of its training images have" in note
    assert "without_probabilities" in result.metrics and result.accuracy > 0.6


def test_histograms_of_gradients(tmp_path: Path) -> None:
    features = [{"hog": {"pixels_per_cell": 2, "cells_per_block": 2}}, {"pca": {"components": 0.9}}]
    assert run(tmp_path / "run", "LinearSVC", features).accuracy > 0.8


def test_what_scikit_learn_refuses_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="DummyClassifier cannot be fitted: "):
        run(tmp_path / "run", {"DummyClassifier": {"strategy": "constant"}})
    assert Run(tmp_path / "run").status["state"] == "failed"


def test_more_neighbours_than_images_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="KNeighborsClassifier cannot be asked: "):
        run(tmp_path / "run", {"KNeighborsClassifier": {"n_neighbors": 500}})

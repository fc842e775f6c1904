"""Probabilities of an image and its mirror image, averaged and stated apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cnnbench as package
from cnnbench.config.schema import Evaluation
from cnnbench.data.load import load_dataset
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Dataset, Split
from cnnbench.evaluation.evaluate import evaluate
from cnnbench.evaluation.flips import with_flips
from tests.tools import cnnbench, tiny

LABELS = np.array([0, 0, 1, 1])


def left(split: Split) -> NDArray[np.float32]:
    """Return probabilities of two classes: how bright the left half of each image is, and the rest."""
    bright = split.images(np.arange(len(split)))[:, :, 0].mean(axis=(1, 2)).astype(np.float32)
    return np.stack([bright, 1 - bright], axis=1)


@pytest.fixture
def dataset() -> Dataset:
    halves = np.array([[0.9, 0.2], [0.4, 0.8], [0.6, 0.9], [0.1, 0.3]], np.float32)
    images = np.repeat(halves[:, None, :, None], 2, axis=1)
    split = Split(ArrayStore(images), np.arange(4), LABELS)
    return Dataset("halves", ("bright", "dark"), split, None, split)


def test_both_sides_count_alike_and_all_else_stays(dataset: Dataset) -> None:
    plain = evaluate(left(dataset.test), dataset, "test", Evaluation())
    found = with_flips(plain, left)
    both = found.metrics.pop("test_time_flips")
    assert found.metrics == plain.metrics and plain.metrics["accuracy"] == 0.5
    assert both["accuracy"] == 0.75  # means 0.55, 0.6, 0.75, 0.2
    assert both["log_loss"] == pytest.approx(-np.log([0.55, 0.6, 0.25, 0.8]).mean(), rel=1e-6)
    assert both["accuracy_interval"][0] < 0.75 < both["accuracy_interval"][1]


def test_without_probabilities_there_is_nothing_to_average(dataset: Dataset) -> None:
    plain = evaluate(left(dataset.test), dataset, "test", Evaluation(), gives_probabilities=False)
    assert with_flips(plain, left) == plain


@pytest.mark.parametrize("cached", [False, True])
def test_a_run_states_them_apart_and_evaluate_finds_the_same(cached: bool, tmp_path: Path) -> None:
    changes: dict[str, Any] = {"model__freeze": "base", "augment": []} if cached else {}
    config = tiny(train__epochs=1, evaluation__test_time_augmentation="flip", **changes)
    run = package.run(config, output=tmp_path)
    flipped, network = run.metrics["test_time_flips"], run.load_model()
    test = load_dataset(run.config).test
    images = test.images(np.arange(len(test))).astype(np.float32)
    mean = (network.predict(images, verbose=0) + network.predict(images[:, :, ::-1], verbose=0)) / 2
    assert flipped["accuracy"] == (mean.argmax(axis=1) == test.labels).mean()
    assert flipped["log_loss"] == pytest.approx(-np.log(mean[np.arange(len(test)), test.labels]).mean(), rel=1e-4)
    if not cached:
        said = cnnbench("evaluate", run.path, "--flips", "--json", cwd=tmp_path)
        assert json.loads(said.stdout)["test_time_flips"]["accuracy"] == flipped["accuracy"]
        assert "with test-time flips" in cnnbench("evaluate", run.path, "--quiet", cwd=tmp_path).stdout

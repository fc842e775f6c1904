"""True positives are those that Keras counts."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from cnnbench.training.metrics import TruePositives


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("mixed", [False, True])
def test_true_positives_are_those_of_keras(weighted: bool, mixed: bool) -> None:
    draw, ours, theirs = np.random.default_rng(0), TruePositives(), keras.metrics.TruePositives()
    for size in (7, 16, 1):
        labels = np.eye(3, dtype=np.float32)[draw.integers(0, 3, size)]
        if mixed:
            labels = 0.7 * labels + 0.3 * np.roll(labels, 1, axis=0)
        probabilities = draw.dirichlet((0.3,) * 3, size).astype(np.float32)
        weights = draw.integers(0, 4, size).astype(np.float32) if weighted else None
        for metric in (ours, theirs):
            metric.update_state(labels, probabilities, weights)
    assert float(ours.result()) == float(theirs.result()) > 4
    ours.reset_state()
    assert float(ours.result()) == 0


def test_a_result_stays_what_it_was_when_the_metric_begins_anew() -> None:
    metric = TruePositives()
    metric.update_state(np.eye(3), np.eye(3))
    result = metric.result()
    metric.reset_state()
    assert float(result) == 3

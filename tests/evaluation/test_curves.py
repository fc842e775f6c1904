"""Curves over thresholds are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from cnnbench.evaluation import curves

RNG = np.random.default_rng(0)
CASES = {
    "different": (RNG.random(50), RNG.random(50) < 0.3),
    "ties": (RNG.integers(0, 4, 60) / 4, RNG.random(60) < 0.5),
    "all equal": (np.full(6, 0.5), np.arange(6) < 2),
    "perfect": (np.arange(10) / 10, np.arange(10) > 6),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    return request.param


def test_roc_is_scikit_learns(case: tuple[np.ndarray, np.ndarray]) -> None:
    chances, is_class = case
    false, true, _ = reference.roc_curve(is_class, chances, drop_intermediate=False)
    found = curves.roc(curves.counts(chances, is_class))
    np.testing.assert_allclose(found, (false, true), rtol=0, atol=1e-12)


def test_precision_and_recall_are_scikit_learns(case: tuple[np.ndarray, np.ndarray]) -> None:
    chances, is_class = case
    precision, recall, _ = reference.precision_recall_curve(is_class, chances)
    found = curves.precision_recall(curves.counts(chances, is_class))
    np.testing.assert_allclose(found, (recall[-2::-1], precision[-2::-1]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("is_class", [np.zeros(3, bool), np.ones(3, bool)])
def test_a_class_without_others_has_no_roc_curve(is_class: np.ndarray) -> None:
    with pytest.raises(ValueError, match="of the class and of others"):
        curves.roc(curves.counts(np.array([0.1, 0.2, 0.3]), is_class))

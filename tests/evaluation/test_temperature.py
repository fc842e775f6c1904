"""Temperature scaling and calibration errors, held to what they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from cnnbench.errors import DataError
from cnnbench.evaluation.calibration import compared
from cnnbench.evaluation.measures import Scored, calibration_error, log_loss
from cnnbench.evaluation.temperature import fit, scaled

SHARP = 2.5  # what makes true probabilities too sure


def drawn(images: int, seed: int, classes: int = 5) -> tuple[Any, Any, Any]:
    """Return labels, logits, and the probabilities that the labels were drawn by."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((images, classes))
    chances = softmax(logits, axis=1)
    labels = (rng.random((images, 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return labels, logits, chances


def test_scaling_divides_logits_and_keeps_the_order() -> None:
    _, logits, chances = drawn(200, 0)
    np.testing.assert_allclose(scaled(chances, 1.0), chances, rtol=1e-12)
    np.testing.assert_allclose(scaled(chances, SHARP), softmax(logits / SHARP, axis=1), rtol=1e-9)
    assert (scaled(chances, 0.3).argmax(axis=1) == chances.argmax(axis=1)).all()
    assert np.isfinite(scaled(np.array([[1.0, 0.0]]), 0.01)).all()


def test_the_temperature_is_that_of_the_least_log_loss() -> None:
    labels, logits, _ = drawn(400, 1)
    sure = softmax(SHARP * logits, axis=1)
    least = minimize_scalar(
        lambda t: log_loss(Scored(labels, scaled(sure, t), 15)), (1.0, 2.0, 4.0), options={"xtol": 1e-10}
    )
    assert fit(labels, sure).value == pytest.approx(least.x, rel=1e-5)


def test_its_interval_holds_the_true_temperature_19_times_in_20() -> None:
    held = 0
    for seed in range(100):
        labels, logits, _ = drawn(300, seed)
        low, high = fit(labels, softmax(SHARP * logits, axis=1)).interval
        held += low < SHARP < high
    assert 88 <= held <= 100


@pytest.mark.parametrize(
    ("labels", "said"),
    [([0, 0, 1], "all 3 are right by far"), ([1, 1, 0], "right no more often than by chance")],
)
def test_no_temperature_where_none_is_least(labels: list[int], said: str) -> None:
    chances = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]])
    with pytest.raises(DataError, match=said):
        fit(np.array(labels), chances)


def test_errors_before_and_after_are_those_of_the_measures() -> None:
    labels, logits, chances = drawn(1500, 2)
    sure = softmax(SHARP * logits, axis=1)
    found = compared(labels, sure, chances, 15, seed=0)
    for name, measure in (("calibration_error", calibration_error), ("log_loss", log_loss)):
        before, after = (measure(Scored(labels, side, 15)) for side in (sure, chances))
        sides = found[name]
        assert sides["before"]["value"] == pytest.approx(before, abs=1e-12)
        assert sides["after"]["value"] == pytest.approx(after, abs=1e-12)
        assert sides["change"]["value"] == pytest.approx(after - before, abs=1e-12)
        low, high = sides["change"]["interval"]
        assert low < after - before < high < 0
    assert found["calibration_error"]["after"]["interval"][0] == 0 < found["calibration_error"]["before"]["interval"][0]
    assert compared(labels, sure, chances, 15, seed=0) == found != compared(labels, sure, chances, 15, seed=1)

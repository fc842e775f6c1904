"""Learning rates at given steps, by hand."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from cnnbench.config.schedules import SCHEDULES
from cnnbench.training.schedules import OneCycleRate, build_schedule

STEPS, EPOCHS = 10, 10


def built(**schedule: Any) -> Any:
    return build_schedule(SCHEDULES[schedule["name"]](**schedule), 1.0, STEPS, EPOCHS)


def rate(at: int, **schedule: Any) -> float:
    return float(built(**schedule)(at))


def test_constant_and_plateau_leave_the_rate_to_others() -> None:
    assert build_schedule(None, 0.1, STEPS, EPOCHS) == 0.1
    assert built(name="Constant") == 1.0
    assert built(name="ReduceLROnPlateau") == 1.0


@pytest.mark.parametrize(("at", "expected"), [(0, 1.0), (29, 1.0), (30, 0.1), (59, 0.1), (60, 0.01)])
def test_steps_begin_with_their_epoch(at: int, expected: float) -> None:
    assert rate(at, name="StepDecay", step_epochs=[3.0, 6.0], factor=0.1) == pytest.approx(expected)


@pytest.mark.parametrize(("at", "expected"), [(0, 1.0), (39, 1.0), (40, 0.5), (80, 0.25)])
def test_steps_every_four_epochs(at: int, expected: float) -> None:
    assert rate(at, name="StepDecay", step_epochs=4.0, factor=0.5) == pytest.approx(expected)


def test_exponential_decays_once_per_length() -> None:
    assert rate(20, name="ExponentialDecay", decay_epochs=2.0, decay_rate=0.7) == pytest.approx(0.7)


def test_polynomial_ends_at_its_end() -> None:
    assert rate(50, name="PolynomialDecay", end_learning_rate=0.2) == pytest.approx(0.6)
    assert rate(100, name="PolynomialDecay", end_learning_rate=0.2) == pytest.approx(0.2)


def test_cosine_warms_up_and_falls_to_alpha() -> None:
    cosine = {"name": "CosineDecay", "warmup_epochs": 2.0, "alpha": 0.1}
    assert [rate(at, **cosine) for at in (0, 10, 20, 60, 100)] == pytest.approx([0.0, 0.5, 1.0, 0.55, 0.1], abs=1e-6)


def test_one_cycle_rises_and_falls() -> None:
    cycle = {"name": "OneCycle", "peak_fraction": 0.4, "start_divisor": 10.0, "end_divisor": 100.0}
    assert [rate(at, **cycle) for at in (0, 20, 40, 70, 100)] == pytest.approx([0.1, 0.55, 1.0, 0.505, 0.01], abs=1e-6)


def test_one_cycle_survives_serialisation() -> None:
    cycle = OneCycleRate(0.3, 100, 0.3, 25.0, 1e4)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(cycle))
    assert [float(again(s)) for s in (0, 30, 99)] == [float(cycle(s)) for s in (0, 30, 99)]

"""Learning rates by step, against Keras' schedules themselves."""

from __future__ import annotations

from typing import Any

import pytest

from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.schema import Train
from cnnbench.training.compile import learning_rate
from cnnbench.training.rates import POINTS, rates_of
from cnnbench.training.stages import whole

EPOCHS, STEPS = 4, 300


def train(**schedule: Any) -> Train:
    optimizer = {"name": "Adam", "learning_rate": 0.01}
    return Train.model_validate({"epochs": EPOCHS, "optimizer": optimizer, "schedule": schedule})


@pytest.mark.parametrize("name", [name for name, schedule in SCHEDULES.items() if schedule.within_epochs])
def test_rates_are_the_schedules_at_every_step(name: str) -> None:
    wanted = train(name=name, **({"warmup_epochs": 1} if name == "CosineDecay" else {}))
    rates, schedule = rates_of(wanted, STEPS, [whole(wanted)]), learning_rate(wanted, STEPS)
    assert rates is not None and len(rates.steps) == POINTS
    expected = [float(schedule(step)) for step in rates.steps.tolist()]
    assert rates.rates.tolist() == pytest.approx(expected, rel=1e-5, abs=1e-8)
    for step in (0, 1, 299, 300, 700, 1199):
        assert rates.at(step) == pytest.approx(float(schedule(step)), abs=1e-4)
    assert (rates.steps[0], rates.steps[-1]) == (0, EPOCHS * STEPS - 1)


@pytest.mark.parametrize("name", ["Constant", "StepDecay", "ReduceLROnPlateau"])
def test_what_moves_between_epochs_alone_has_none(name: str) -> None:
    assert rates_of(train(name=name), STEPS, [whole(train(name=name))]) is None


def test_points_are_by_epochs_gone() -> None:
    wanted = train(name="CosineDecay")
    rates = rates_of(wanted, STEPS, [whole(wanted)])
    assert rates is not None
    points = rates.by_epochs(STEPS)
    assert points[0] == (0.0, pytest.approx(0.01)) and len(points) == POINTS
    assert points[-1][0] == pytest.approx(EPOCHS - 1 / STEPS) and points[-1][1] < 1e-6

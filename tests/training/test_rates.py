"""Learning rates by step, against Keras' schedules themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.schema import Train
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import read_numbers
from cnnbench.training.compile import learning_rate
from cnnbench.training.rates import POINTS, rates_of, write_rates

EPOCHS, STEPS = 4, 300


def train(**schedule: Any) -> Train:
    optimizer = {"name": "Adam", "learning_rate": 0.01}
    return Train.model_validate({"epochs": EPOCHS, "optimizer": optimizer, "schedule": schedule})


@pytest.mark.parametrize("name", [name for name, schedule in SCHEDULES.items() if schedule.within_epochs])
def test_rates_are_the_schedules_at_every_step(name: str) -> None:
    wanted = train(name=name, **({"warmup_epochs": 1} if name == "CosineDecay" else {}))
    rates, schedule = rates_of(wanted, STEPS), learning_rate(wanted, STEPS)
    assert rates is not None and len(rates.steps) == POINTS
    for step in (0, 1, 299, 300, 700, 1199):
        assert rates.at(step) == pytest.approx(float(schedule(step)), abs=1e-4)
    assert (rates.steps[0], rates.steps[-1]) == (0, EPOCHS * STEPS - 1)


@pytest.mark.parametrize("name", ["Constant", "StepDecay", "ReduceLROnPlateau"])
def test_what_moves_between_epochs_alone_has_none(name: str) -> None:
    assert rates_of(train(name=name), STEPS) is None


def test_a_longer_training_keeps_what_has_been(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    short = rates_of(train(name="CosineDecay"), STEPS)
    assert short is not None
    write_rates(run, short, STEPS, done=0)
    first = read_numbers(run.learning_rate, "epoch", "learning_rate")
    longer = rates_of(train(name="CosineDecay").model_copy(update={"epochs": 8}), STEPS)
    assert longer is not None
    write_rates(run, longer, STEPS, done=2)
    both = read_numbers(run.learning_rate, "epoch", "learning_rate")
    kept = [row for row in both if row["epoch"] < 2]
    assert kept == [row for row in first if row["epoch"] < 2] and both[-1]["epoch"] > 7.9
    assert [row["epoch"] for row in both] == sorted(row["epoch"] for row in both)

"""Minutes as the budget of a training, on a clock that tests turn themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import cnnbench
from cnnbench.config.load import load_config
from cnnbench.config.schema import Train
from cnnbench.errors import ConfigError, InterruptedRun
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import nothing_left, resumed
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import read_rates
from cnnbench.runs.run import Run
from cnnbench.training.budget import SHARES, Budget, budget_of, refuse_too_short
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Progress, Silent
from tests.tools import only_run, tiny

STEPS = 5  # of an epoch of the tiny experiment, which has 160 images in batches of 32
RATE = 0.01


class Ticks:
    """A clock that goes on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


class Impatient(Silent):
    """Interrupts after an epoch, and remembers how many epochs it was told of."""

    def __init__(self, last: int) -> None:
        self.last, self.told = last, list[int]()

    def on_epoch(self, progress: Progress, row: Row) -> None:
        self.told.append(progress.epochs)
        if progress.epoch == self.last:
            raise KeyboardInterrupt


def by_time(minutes: float, **changes: Any) -> dict[str, Any]:
    config = tiny(train__budget_minutes=minutes, train__schedule={"name": "PolynomialDecay"}, **changes)
    del config["train"]["epochs"]
    return config


def run(config: dict[str, Any], folder: Path, **options: Any) -> Run:
    return Run(execute(load_config(config), Options(output=folder, clock=Ticks(), **options)).path)


def drive(budget: Budget, validation: float, step: float, at: list[float]) -> list[Row]:
    """Train by a budget whose clock reads `at[0]`; return what the rows of the epochs have of it."""
    rows: list[Row] = []
    while not rows or not budget.is_over:
        budget.begin(len(rows))
        for _ in range(budget.steps):
            at[0] += step
            budget.after_step()
            if budget.is_over:
                break
        at[0] += validation
        rows.append(budget.end())
    return rows


@pytest.mark.parametrize(("validation", "step"), [(0.0, 0.1), (3.0, 0.1), (0.5, 1.0), (2.0, 0.37), (9.0, 0.5)])
def test_it_ends_with_the_budget_and_the_schedule_with_the_last_step(validation: float, step: float) -> None:
    at = [0.0]
    budget = Budget(100.0, 40, lambda: at[0], validation, lambda part: 1 - part / SHARES)
    rows = drive(budget, validation, step, at)
    early = validation + step if rows[-1]["steps"] == budget.steps else step  # no time for one more epoch
    assert 100 - early - 1e-6 <= rows[-1]["budget_seconds"] <= 100 + 1e-6
    assert budget.rate is not None and budget.rate <= 2 * step / 100 + 1 / SHARES
    assert all(row["steps"] == budget.steps for row in rows[:-1])


def test_the_first_step_is_free_and_a_slow_validation_is_learnt_from() -> None:
    at = [0.0]
    budget = Budget(118.0, 10, lambda: at[0], closing=1.0)
    budget.begin(0)
    at[0] += 500
    budget.after_step()
    assert budget.used == 0 and budget.rate is None and not budget.is_over
    rows = [*drive(budget, 20.0, 1.0, at)]
    assert 116 <= rows[-1]["budget_seconds"] <= 118 and rows[-1]["steps"] < 10


def test_the_rate_never_goes_back_up_where_an_epoch_takes_longer_than_the_one_before() -> None:
    at = [0.0]
    budget = Budget(50.0, 10, lambda: at[0], 0.0, lambda part: 1 - part / SHARES)
    rates = []
    for epoch, step in enumerate((0.5, 2.0, 0.5)):
        budget.begin(epoch)
        for _ in range(10):
            at[0] += step
            budget.after_step()
            rates.append(budget.rate)
        at[0] += 3 * step
        budget.end()
    assert rates == sorted(rates, key=lambda rate: -(rate or 0))


def test_a_validation_that_takes_all_of_it_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^train\.budget_minutes: 0\.5 min are too few here: a validation"):
        refuse_too_short(Budget(30.0, 10, Ticks(), closing=31.0))


@pytest.mark.parametrize("name", ["PolynomialDecay", "CosineDecay", "OneCycle", "Constant", "ReduceLROnPlateau", None])
def test_schedules_over_the_training_are_drawn_over_the_time(name: str | None) -> None:
    schedule = {"name": name} if name else None
    budget = budget_of(Train.model_validate({"budget_minutes": 1, "schedule": schedule}), STEPS, Ticks(), [])
    drawn = name in ("PolynomialDecay", "CosineDecay", "OneCycle")
    assert (budget.rate_at is not None) == drawn
    if budget.rate_at is not None:
        assert budget.rate_at(SHARES) < budget.rate_at(SHARES // 2) / 4


def check(told: Run, steps: Sequence[int], used: float) -> None:
    """Assert the steps of each epoch and the seconds that are used; and that the rate fell over them to about 0."""
    assert [row["steps"] for row in told.history] == steps and told.history[-1]["budget_seconds"] == used
    assert told.status["state"] == "done" and told.status["reason"] == "train.budget_minutes: 0.5 min are used"
    assert told.status["epochs"] == told.status["epoch"] == len(steps)
    rates = read_rates(told.folder.learning_rate)
    assert [epoch for epoch, _ in rates] == sorted({epoch for epoch, _ in rates})
    assert rates[0] == (0, RATE) and rates[-1][1] <= RATE / 20
    assert all(a > b for (_, a), (_, b) in pairwise(rates))


@pytest.mark.parametrize("learner", ["keras", "numpy"])
def test_a_training_of_minutes_stops_in_the_midst_of_an_epoch_and_goes_on_after_one(
    learner: str, tmp_path: Path
) -> None:
    """Every look at the clock takes a second: of each step, before and after an epoch's end; 30 there are in all."""
    config = by_time(0.5, **({"augment": [], "train__backend": "numpy"} if learner == "numpy" else {}))
    watching = Impatient(last=99)
    whole = run(config, tmp_path / "whole", observer=watching)
    check(whole, [5, 5, 5, 5, 1], 29)
    assert watching.told[-1] == 5 and all(4 <= epochs <= 7 for epochs in watching.told)
    assert whole.status["notes"][-3:-1] == [
        "29.0 s of 0.5 min were used from the end of the first step on: 21 steps, 4.20 epochs",
        "a training by time does not repeat to the bit; about as long by steps: train.epochs=4",
    ]
    assert "epochs" not in whole.config["train"] and whole.config["train"]["budget_minutes"] == 0.5
    again = run(config, tmp_path / "again")
    assert [row["loss"] for row in again.history] == [row["loss"] for row in whole.history]

    with pytest.raises(InterruptedRun):
        run(config, tmp_path / "halves", observer=Impatient(last=2))
    folder = RunDir(only_run(tmp_path / "halves"))
    assert Run(folder.path).status["epochs"] is None and Run(folder.path).history[-1]["budget_seconds"] == 12
    with pytest.raises(ConfigError, match=r"train\.budget_minutes says how long it is trained, and only that"):
        resumed(folder.path, ["train.epochs=9"])
    resolved, _ = resumed(folder.path, [])
    assert nothing_left(resolved, folder) is None
    execute(resolved, Options(resume=folder.path, clock=Ticks()))
    check(Run(folder.path), [5, 5, 5, 5, 3], 29)  # its first step was free once more
    assert nothing_left(resolved, folder) == "0.5 minutes are used; train.budget_minutes=N goes on"
    assert nothing_left(resumed(folder.path, ["train.budget_minutes=1"])[0], folder) is None


def test_on_the_real_clock_steps_and_rows_add_up(tmp_path: Path) -> None:
    result = cnnbench.run(by_time(0.02, train__early_stopping={"patience": 1000}), output=tmp_path)
    rows, images = result.history, json.loads(RunDir(result.path).split.read_text())["train"]["images"]
    assert rows and all(row["steps"] == STEPS for row in rows[:-1]) and images == STEPS * 32
    used = [row["budget_seconds"] for row in rows]
    assert used == sorted(used) and result.status["reason"] == "train.budget_minutes: 0.02 min are used"

"""What would run, and about how long it would take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnbench.files.whole import write_csv, write_json, write_text
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.run import pace
from cnnbench.sweep.run.plan import Plan, plan_of
from cnnbench.sweep.tell.plan_text import plan_text
from tests.builders.searching import RATE, folder_of, write_sweep

RANGE = {"low": 1e-4, "high": 1e-1, "log": True}


def planned(folder: Path, **changes: Any) -> Plan:
    return plan_of(load_sweep(write_sweep(folder, **changes)), folder / "outputs", smoke=False)


def test_a_grid_is_listed_and_costs_what_its_epochs_cost(tmp_path: Path) -> None:
    few = planned(tmp_path, repeats=2)
    assert few.trials is not None and [trial.values["train.batch_size"] for trial in few.trials] == [32, 64] * 2
    assert few.runs == 8 and few.slots == 2
    many = planned(tmp_path, repeats=2, fixed={"train.epochs": 20_000_000})
    assert few.seconds is not None and many.seconds is not None
    assert few.seconds == pytest.approx(8 * pace.STARTUP / 2, rel=0.5)
    assert few.seconds < many.seconds / 20
    text = plan_text(few)
    assert text.splitlines()[0].split() == ["trial", RATE, "train.batch_size", "done", "about"]
    assert "at most 8 trainings, 2 seeds per trial; about " in text and "with 2 slot(s) (roughly" in text


def test_trials_of_equal_time_cost_their_minutes(tmp_path: Path) -> None:
    plan = planned(tmp_path, fixed={"train.budget_minutes": 2})
    assert plan.trials is not None and {trial.seconds for trial in plan.trials} == {120 + pace.STARTUP}
    assert "by train.budget_minutes" in plan_text(plan)


def test_a_frozen_base_costs_one_pass_for_all_trials(tmp_path: Path) -> None:
    def seconds(**train: Any) -> list[float]:
        layers = [
            {"Conv2D": {"filters": 512, "kernel_size": 7, "padding": "same"}},
            "GlobalAveragePooling2D",
            "classifier",
        ]
        fixed = {"model": {"name": "wide", "layers": layers, "freeze": "base"}, "augment": [], **train}
        trials = planned(tmp_path, fixed=fixed).trials
        assert trials is not None
        return [trial.seconds or 0.0 for trial in trials]

    kept, direct = seconds(), seconds(**{"train.cache_features": False})
    assert kept[0] > kept[1] == pytest.approx(pace.STARTUP, rel=0.05)
    assert direct[1] - pace.STARTUP > 2 * (kept[0] - pace.STARTUP)


def test_a_budget_that_takes_part_of_a_grid_says_so(tmp_path: Path) -> None:
    text = plan_text(planned(tmp_path, budget={"trials": 3}))
    assert "the first 3 of 4 points, by budget.trials; at most 3 trainings" in text
    assert "first" not in plan_text(planned(tmp_path, budget={"trials": 4}))


def test_what_is_done_is_not_counted_and_tells_the_pace(tmp_path: Path) -> None:
    before = planned(tmp_path)
    assert before.trials is not None
    run = folder_of(tmp_path / "sweep.yaml").run(before.trials[0].point, 0)
    run.mkdir(parents=True)
    write_text(run / "config.yaml", "name: x\n")
    write_json(run / "status.json", {"state": "done"})
    write_json(run / "metrics.json", {"times": {"training_seconds": 1.0, "epochs_seconds": 1000.0}})
    write_csv(run / "history.csv", ["epoch"], [[1]])
    after = planned(tmp_path)
    assert after.trials is not None and [trial.done for trial in after.trials] == [1, 0, 0, 0]
    assert after.basis == "from the trainings that are done"
    assert after.seconds == pytest.approx(3 * (1000 + pace.STARTUP) / 2)
    assert "1 done; about" in plan_text(after)


def test_a_search_that_chooses_tells_its_space(tmp_path: Path) -> None:
    found = planned(tmp_path, search="tpe", space={RATE: RANGE, "train.batch_size": [8, 16]}, budget={"trials": 7})
    assert found.trials is None and found.runs == 7 and found.as_dict()["trials"] is None
    text = plan_text(found)
    assert "tpe chooses each trial from those before it" in text
    assert f"{RATE}: 0.0001 to 0.1, logarithmic" in text and "train.batch_size: 8, 16" in text


def test_random_points_are_those_that_will_run(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"search": {"method": "random", "seed": 4}, "space": {RATE: RANGE}}
    listed = planned(tmp_path, **changes, budget={"trials": 3}).trials
    endless = planned(tmp_path, **changes, budget={"hours": 0.5})
    assert listed is not None and endless.trials is not None
    assert [t.values for t in endless.trials[:3]] == [t.values for t in listed] and endless.runs is None
    assert endless.seconds == pytest.approx(1800) and "..." in plan_text(endless)


def test_data_of_unknown_size_has_no_estimate(tmp_path: Path) -> None:
    base = load_base(tmp_path)
    found = planned(tmp_path, base=base)
    assert found.seconds is None and "time unknown" in plan_text(found)


def load_base(folder: Path) -> dict[str, Any]:
    from tests.tools import tiny

    return tiny(data={"source": "npz", "path": str(folder / "own.npz")}, augment=[])


def test_a_smoke_test_plans_its_few_trials(tmp_path: Path) -> None:
    found = plan_of(load_sweep(write_sweep(tmp_path, repeats=3)), tmp_path, smoke=True)
    assert found.trials is not None and len(found.trials) == 3 and found.runs == 3

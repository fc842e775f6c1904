"""Trials of a sweep with real trainings: what becomes of those that fail, are pruned or have several objectives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders.searching import RATE, folder_of, numbers, search, trained, write_sweep
from tests.tools import tiny


@pytest.mark.slow
def test_trials_that_fail_are_rows_and_the_sweep_goes_on(tmp_path: Path) -> None:
    optimizer = {"name": "SGD", "learning_rate": 0.1}
    path = write_sweep(
        tmp_path,
        base={**tiny_base(), "train": {"epochs": 2, "batch_size": 32, "optimizer": optimizer}},
        space={RATE: [1e30, 0.1]},
    )
    results = search(path)
    wild, tame = results.trials
    assert (wild.state, tame.state) == ("failed", "done")
    assert wild.reason.startswith("seed ") and "the loss is" in wild.reason
    assert "TrainingError" in next(run.log for run in wild.runs if run.state == "failed")
    assert [trial.state for trial in search(path).trials] == ["failed", "done"]
    before = trained(folder_of(path))
    retried = search(path, retry=True)
    assert [(trial.values[RATE], trial.state) for trial in retried.trials] == [(0.1, "done"), (1e30, "failed")]
    assert retried.trials[1].number > wild.number and trained(folder_of(path)) == before


@pytest.mark.slow
def test_asha_prunes_what_is_behind_and_the_others_get_all_their_seeds(tmp_path: Path) -> None:
    path = write_sweep(
        tmp_path,
        base={**tiny_base(), "train": {"epochs": 6, "batch_size": 32, "optimizer": {"name": "SGD"}}},
        space={RATE: [0.1, 1e-6, 1e-7]},
        pruning={"method": "asha", "min_epochs": 1, "reduction_factor": 2},
        repeats=2,
        execution={"slots": 1, "threads": 1},
    )
    results = search(path)
    states = {trial.values[RATE]: trial.state for trial in results.trials}
    assert states[0.1] == "done" and states[1e-6] == states[1e-7] == "pruned"
    first = results.trials[0]
    assert [run.epochs for run in first.runs] == [6, 6]
    for trial in results.trials:
        if trial.state == "pruned":
            (run,) = trial.runs
            assert run.epochs < 6 and not run.tested and trial.objectives is None
            assert trial.reason == f"seed 0: pruned after epoch {run.epochs} of 6"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tpe", "cmaes"])
def test_a_search_that_adapts_keeps_to_its_budget_and_goes_on_within_it(method: str, tmp_path: Path) -> None:
    space = {RATE: {"low": 1e-4, "high": 1e-1, "log": True}, "train.batch_size": {"low": 16, "high": 64}}
    path = write_sweep(tmp_path, search={"method": method, "seed": 1}, space=space, budget={"trials": 2})
    first = search(path)
    assert [trial.state for trial in first.trials] == ["done"] * 2
    write_sweep(tmp_path, search={"method": method, "seed": 1}, space=space, budget={"trials": 3})
    second = search(path)
    assert numbers(second)[:2] == numbers(first) and len(second.trials) == 3
    batch_sizes = [trial.values["train.batch_size"] for trial in second.trials]
    assert all(isinstance(size, int) and 16 <= size <= 64 for size in batch_sizes)


@pytest.mark.slow
def test_several_objectives_give_a_front(tmp_path: Path) -> None:
    objectives = [{"metric": "val_accuracy"}, {"metric": "macs"}]
    layers = [tiny_base()["model"]["layers"], ["Flatten", "classifier"]]
    path = write_sweep(
        tmp_path,
        space={"model": {"choices": dict(zip("ab", [{"layers": x} for x in layers], strict=True))}},
        objective=objectives,
    )
    results = search(path)
    assert all(trial.objectives is not None and len(trial.objectives) == 2 for trial in results.trials)
    macs = [trial.objectives[1] for trial in results.trials if trial.objectives]
    assert macs == [8 * 9 * 36 + 8 * 9 * 10, 640]


@pytest.mark.slow
def test_hours_that_are_spent_begin_no_trial(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, budget={"hours": 1e-9})
    assert search(path).trials == ()


def tiny_base() -> dict[str, Any]:
    return tiny(name="base", augment=[])

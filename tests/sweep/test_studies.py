"""Studies with real trainings: one key after another, and techniques switched off in turn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnbench.catalogue.measures import FOUR
from cnnbench.runs.leaderboard import read_leaderboard
from cnnbench.runs.run import Run
from cnnbench.sweep.define.ablation import NOTHING
from cnnbench.sweep.tell.gains import gains
from cnnbench.sweep.tell.look import look, look_text
from cnnbench.sweep.tell.outcome import outcome, outcome_text
from tests.builders.searching import again, folder_of, numbers, search, trained, write_sweep
from tests.tools import tiny

pytestmark = pytest.mark.slow


def test_an_ablation_pairs_seeds_and_measures_both_splits(tmp_path: Path) -> None:
    base = tiny(name="base", augment=[], train__epochs=1)
    path = write_sweep(tmp_path, base=base, search={"method": "ablation", "without": ["dropout"]}, space={}, repeats=2)
    results = search(path)
    assert [trial.values["without"] for trial in results.trials] == [NOTHING, "dropout"]
    for trial in results.trials:
        for run in trial.runs:
            assert set(run.validated) == set(FOUR) and set(FOUR) <= set(run.tested)
            assert run.validated["accuracy"] == pytest.approx(run.values["val_accuracy"], abs=1e-6)  # the kept weights
    assert "Dropout" not in str(Run(Path(str(results.trials[1].runs[0].path))).config["model"])
    (found,) = gains(results, "val_accuracy")
    whole, off = ({run.seed: run.values["val_accuracy"] for run in trial.runs} for trial in results.trials)
    assert found.difference == pytest.approx(sum(whole[seed] - off[seed] for seed in (0, 1)) / 2)
    board = read_leaderboard(folder_of(path).leaderboard)
    assert board is not None and set(board.standings[0].validated) == set(FOUR)
    assert "gave in points" in outcome_text(results, folder_of(path))
    told = json.loads(json.dumps(outcome(results, folder_of(path))))
    assert [gain["technique"] for gain in told["gains"]["val_accuracy"]] == ["dropout"]
    assert "What each technique gave" in folder_of(path).report.read_text()


def test_one_key_after_another_carries_on_the_best_and_goes_on_where_it_was(tmp_path: Path) -> None:
    space = {"train.epochs": [1, 2], "train.batch_size": [32, 64]}
    keys = {"search": "one_factor", "space": space, "objective": "val_loss"}
    path = write_sweep(tmp_path, **keys, budget={"trials": 1})
    assert len(search(path).trials) == 1
    write_sweep(tmp_path, **keys)
    results = search(path)  # two at a time, and the third one waits for both
    first, second, third = results.trials
    best = min((first, second), key=lambda trial: trial.objectives or (9.0,)).values["train.epochs"]
    assert third.values == {"train.epochs": best, "train.batch_size": 64}
    before = trained(folder_of(path))
    assert len(before) == 3 and numbers(search(path)) == numbers(results) == numbers(again(folder_of(path)))
    assert trained(folder_of(path)) == before
    said = look_text(look(folder_of(path).path, None))
    assert f"train.epochs, at batch_size 32: {best} is carried on: its val_loss, " in said and "is the lowest" in said

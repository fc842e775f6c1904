from __future__ import annotations

import pytest

from cnnbench.compare.find import find
from cnnbench.compare.sweeps import best_trials
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.whole import write_text
from cnnbench.runs.leaderboard import write_leaderboard
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell.leaderboard import leaderboard
from cnnbench.sweep.tell.ranking import ranked
from tests.builders.compared import finished, repeats, sweep
from tests.builders.sweeps import EPOCHS, RATE, broken_grid

TRIALS = [
    {
        "point": "p1",
        "state": "done",
        "values": {"train.epochs": 3, "train.rate": 0.1},
        "wrong": {0: [1], 10: [2], 2: []},
    },
    {"point": "p2", "state": "done", "values": {"train.epochs": 3, "train.rate": 0.2}, "wrong": {0: [1, 2]}},
    {"point": "p3", "state": "pruned", "values": {"train.epochs": 9, "train.rate": 0.1}, "reason": "below the median"},
    {"point": "p4", "state": "running", "values": {"train.epochs": 9, "train.rate": 0.2}},
]


def test_a_folder_of_everything(tmp_path):
    run = finished(tmp_path, [1], name="alone")
    parent = repeats(tmp_path, {0: [1], 1: [2]}, name="repeated")
    swept = sweep(tmp_path, TRIALS)
    found, left_out = find([str(tmp_path)], top=10)
    assert [(one.kind, one.path, len(one.runs)) for one in found] == [
        ("trial", swept / "trials" / "p1", 3),
        ("trial", swept / "trials" / "p2", 1),
        ("seeds", parent, 2),
        ("run", run.path, 1),
    ]
    assert found[0].label == "epochs=3, rate=0.1"
    assert [run.name for run in found[0].runs] == ["seed-0", "seed-2", "seed-10"]
    assert [(one.path.name, one.reason) for one in left_out] == [("p3", "pruned: below the median")]
    assert not any(one.named for one in found if one.kind != "trial")


def test_the_best_trials_of_a_sweep(tmp_path):
    swept = sweep(tmp_path, TRIALS)
    write_text(swept / "trials" / "p1" / "seed-0.log", "what a training printed")
    found, left_out = find([str(swept)], top=1)
    assert [run.name for run in found[0].runs] == ["seed-0", "seed-2", "seed-10"]
    assert [one.path.name for one in found] == ["p1"]
    assert left_out[-1].reason == "1 more trials, ranked below the best 1 (--top)"


def test_the_leaderboard_that_a_sweep_writes_is_read(tmp_path):
    results = broken_grid()  # of 20 points the first is pruned, the fifth failed, one runs and one was never begun
    folder = SweepDir(tmp_path)
    write_leaderboard(folder.leaderboard, leaderboard(results))
    order = [one.trial for one in ranked(results) if one.trial.state == "done"]
    for run in (folder.run(trial.point, seed.seed) for trial in order for seed in trial.runs):
        run.mkdir(parents=True)
    trials, left_out = best_trials(tmp_path, top=3)
    assert [trial.path for trial in trials] == [folder.trials / trial.point for trial in order[:3]]
    assert [len(trial.runs) for trial in trials] == [3, 3, 3]
    values = order[0].values
    assert trials[0].label == f"epochs={values[EPOCHS]}, learning_rate={values[RATE]}"
    assert sorted(one.reason.partition(":")[0] for one in left_out[:-1]) == ["failed", "pruned"]
    assert left_out[-1].reason == "13 more trials, ranked below the best 3 (--top)"


def test_values_are_told_in_few_digits(tmp_path):
    values = {"a.rate": 0.00031622776601683794, "a.epochs": 10, "a.name": "1e", "a.decay": -0.5, "a.on": "true"}
    trials = [{"point": "p", "state": "done", "values": values, "wrong": {0: []}}]
    found, _ = find([str(sweep(tmp_path, trials))], top=10)
    assert found[0].label == "rate=0.0003162, epochs=10, name=1e, decay=-0.5, on=true"


def test_axes_with_the_same_last_word_are_told_by_more(tmp_path):
    trials = [
        {"point": "p", "state": "done", "values": {"train.optimizer.name": "SGD", "model.name": "a"}, "wrong": {0: []}}
    ]
    found, _ = find([str(sweep(tmp_path, trials))], top=10)
    assert found[0].label == "optimizer.name=SGD, model.name=a"


def test_globs_take_folders_alone(tmp_path):
    first = finished(tmp_path, [1], name="net-a")
    second = finished(tmp_path, [2], name="net-b")
    finished(tmp_path, [2], name="other")
    write_text(tmp_path / "net-notes.txt", "not a run")
    found, _ = find([f"{tmp_path}/net-*"], top=10)
    assert [one.path for one in found] == [first.path, second.path]


def test_a_run_named_twice_is_one_and_belongs_to_its_repeats(tmp_path):
    parent = repeats(tmp_path, {0: [1], 1: [2]})
    found, _ = find([str(parent / "seed-1"), str(parent), str(parent)], top=10)
    assert [(one.kind, len(one.runs)) for one in found] == [("seeds", 2)]


def test_hidden_folders_are_passed_by(tmp_path):
    finished(tmp_path, [1], path=tmp_path / "runs" / ".new-1")
    with pytest.raises(ConfigError, match="runs: no run in it"):
        find([str(tmp_path / "runs")], top=10)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("lenat5", "lenat5: no such folder; did you mean lenet5\\?"),
        ("nothing-*", "nothing-\\*: no folder matches"),
        ("file.csv", "file.csv: not a folder"),
        ("empty", "empty: no run in it \\(a run holds config.yaml\\)"),
        ("swept", "swept: this sweep has no leaderboard.csv yet"),
        ("planned", "planned: a sweep that has not begun.*`cnnbench sweep planned/sweep.yaml` runs it"),
        ("repeated", "repeats.json: cannot be read"),
        ("odd", "leaderboard.csv: not a leaderboard"),
    ],
)
def test_what_stands_for_nothing_is_refused(tmp_path, monkeypatch, argument, said):
    monkeypatch.chdir(tmp_path)
    finished(tmp_path, [1], name="lenet5")
    (tmp_path / "empty").mkdir()
    write_text(tmp_path / "file.csv", "")
    write_text(tmp_path / "swept" / "sweep.yaml", "")
    write_text(tmp_path / "swept" / "status.json", "{}")
    write_text(tmp_path / "planned" / "sweep.yaml", "")
    write_text(tmp_path / "odd" / "sweep.yaml", "")
    write_text(tmp_path / "odd" / "leaderboard.csv", "a,b\n1,2\n")
    write_text(tmp_path / "repeated" / "repeats.json", '{"kind": "seeds"}')
    with pytest.raises((ConfigError, DataError), match=said) as e:
        find([argument], top=10)
    assert len(e.value.problems) == 1

from __future__ import annotations

import pytest

from cnnbench.compare.find import find
from cnnbench.compare.grouping import read_groups
from cnnbench.compare.runs import Group, LeftOut
from cnnbench.errors import ConfigError
from tests.builders.compared import finished, repeats, sweep
from tests.builders.runs import digits, write_interrupted_run, write_status


def groups_of(*paths: object, smoke: bool = False) -> tuple[list[Group], list[LeftOut]]:
    found, left_out = find([str(path) for path in paths], top=10)
    groups, more = read_groups(found, smoke)
    return groups, [*left_out, *more]


def test_runs_that_differ_in_the_seed_alone_are_repeats(tmp_path):
    for seed in (2, 0, 1):
        finished(tmp_path, [seed], seed=seed)
    finished(tmp_path, [1], seed=0, train={"epochs": 3})
    groups, _ = groups_of(tmp_path)
    assert sorted((group.kind, [run.seed for run in group.runs]) for group in groups) == [
        ("run", [0]),
        ("seeds", [0, 1, 2]),
    ]


def test_defaults_that_are_written_make_no_other_configuration(tmp_path):
    short = {"optimizer": {"name": "SGD"}, "schedule": {"name": "StepDecay"}, "loss": {"name": "mean_squared_error"}}
    full = {"optimizer": {"name": "SGD", "momentum": 0.0}, "schedule": {"name": "StepDecay", "factor": 0.1}}
    for seed, train in enumerate((short, {**short, **full})):
        finished(tmp_path, [seed], seed=seed, train=train)
    (group,), _ = groups_of(tmp_path)
    assert [run.seed for run in group.runs] == [0, 1]


def test_the_same_run_done_twice_is_no_repeat(tmp_path):
    for seed in (0, 0, 1):
        finished(tmp_path, [seed], seed=seed)
    groups, _ = groups_of(tmp_path)
    assert [len(group.runs) for group in groups] == [1, 1, 1]
    assert len({group.name for group in groups}) == 3


def test_names_are_as_short_as_they_tell_apart(tmp_path):
    one = finished(tmp_path / "a", [1], name="lenet5")
    same = finished(tmp_path / "b", [1], name="mlp", path=tmp_path / "b" / "mlp" / "first")
    other = finished(tmp_path / "c", [1], name="mlp", train={"epochs": 1}, path=tmp_path / "c" / "mlp" / "second")
    groups, _ = groups_of(one.path, same.path, other.path)
    assert [group.name for group in groups] == ["lenet5", "mlp/first", "mlp/second"]


def test_names_end_with_the_path(tmp_path):
    paths = [tmp_path / place / "mlp" / "run" for place in "ab"]
    for path, epochs in zip(paths, (1, 2), strict=True):
        finished(tmp_path, [1], name="mlp", train={"epochs": epochs}, path=path)
    groups, _ = groups_of(*paths)
    assert [group.name for group in groups] == [str(path) for path in paths]


def test_trials_of_two_sweeps_are_told_apart(tmp_path):
    trials = [{"point": "p", "state": "done", "values": {"train.epochs": 3}, "wrong": {0: []}}]
    groups, _ = groups_of(sweep(tmp_path, trials, name="one"), sweep(tmp_path, trials, name="two"))
    assert [group.name for group in groups] == ["one: epochs=3", "two: epochs=3"]


def test_unfinished_repeats_are_left_out(tmp_path):
    parent = repeats(tmp_path, {0: [1], 1: [2]}, unfinished=[5])
    (group,), (left_out,) = groups_of(parent)
    assert ([run.seed for run in group.runs], group.of) == ([0, 1], 3)
    assert (left_out.path, left_out.reason) == (parent / "seed-5", "interrupted: Ctrl-C")


def test_runs_without_results_are_left_out_with_the_reason(tmp_path):
    finished(tmp_path, [1], name="fine")
    write_interrupted_run(tmp_path, digits(), name="interrupted")
    write_status(write_interrupted_run(tmp_path, digits(), name="failed"), state="failed", reason="diverged")
    write_status(write_interrupted_run(tmp_path, digits(), name="pruned"), state="pruned", reason="")
    finished(tmp_path, [1], name="broken").metrics.write_text("{")
    finished(tmp_path, [1], name="empty").metrics.write_text('{"images": 3}')
    finished(tmp_path, [1], name="gone").status.unlink()
    groups, left_out = groups_of(tmp_path)
    assert [group.name for group in groups] == ["fine"]
    reasons = {one.path.parent.name: one.reason for one in left_out}
    assert reasons["interrupted"] == "interrupted: Ctrl-C"
    assert (reasons["failed"], reasons["pruned"]) == ("failed: diverged", "pruned")
    assert reasons["broken"].startswith("metrics.json: cannot be read as JSON")
    assert reasons["empty"].startswith("metrics.json has no accuracy, accuracy_interval")
    assert reasons["gone"] == "not a run folder (it has no status.json)"


def test_smoke_runs_are_refused_by_name_and_left_out_of_folders(tmp_path):
    smoke = finished(tmp_path, [1], name="quick", smoke=True)
    finished(tmp_path, [1], name="real")
    groups, left_out = groups_of(tmp_path)
    assert [group.name for group in groups] == ["real"]
    assert [one.reason for one in left_out] == ["smoke run (--smoke takes it in)"]
    with pytest.raises(ConfigError, match=r"quick/.*: a smoke run"):
        groups_of(smoke.path)
    groups, left_out = groups_of(tmp_path, smoke=True)
    assert ([group.smoke for group in groups], left_out) == ([True, False], [])

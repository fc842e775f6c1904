from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.builders.listed import make_repeats, make_run, make_sweep
from tests.builders.runs import digits, write_interrupted_run, write_run
from tests.report.command import cnnbench


def test_runs_are_listed_one_line_each(tmp_path):
    done = write_run(tmp_path, digits(), name="digits-linear")
    smoke = write_run(tmp_path, digits(2), name="digits-two", smoke=True)
    code, out, err = cnnbench("runs", tmp_path)
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 3)
    titles = ["started", "(UTC)", "name", "data", "network", "changed", "state", "epochs", "accuracy", "time", "folder"]
    assert lines[0].split() == titles
    by_name = {line.split()[2]: line for line in lines[1:]}
    assert "90.54 %" in by_name["digits-linear"] and by_name["digits-linear"].endswith(str(done.path))
    assert "done (smoke)" in by_name["digits-two"] and by_name["digits-two"].endswith(str(smoke.path))


def test_data_network_and_changes_are_columns_and_fields(tmp_path):
    make_run(tmp_path / "a/1", network="lenet5", data="mnist", changes=["train.optimizer.learning_rate=0.01"])
    make_run(tmp_path / "a/2")  # whose status tells nothing of it
    first, second = cnnbench("runs", tmp_path)[1].splitlines()[1:]
    assert first.split()[3:6] == ["mnist", "lenet5", "learning_rate=0.01"]
    assert second.split()[3:6] == ["digits", "vgg-small", "done"]
    assert cnnbench("runs", tmp_path, "--quiet", "--where", "network=vgg*")[1] == f"{tmp_path}/a/2\n"
    assert cnnbench("runs", tmp_path, "--quiet", "--where", "changes=*learning_rate*")[1] == f"{tmp_path}/a/1\n"
    shown = [(run["data"], run["network"]) for run in json.loads(cnnbench("runs", tmp_path, "--json")[1])]
    assert shown == [("mnist", "lenet5"), ("digits", "vgg-small")]


def test_quiet_leaves_the_folders(tmp_path):
    run = write_run(tmp_path, digits())
    assert cnnbench("runs", tmp_path, "--quiet") == (0, f"{run.path}\n", "")


def test_json_has_a_description_per_run(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    code, out, err = cnnbench("runs", tmp_path, "--json")
    (found,) = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["path"], found["name"], found["state"]) == (str(run.path), "digits-linear", "interrupted")
    assert (found["epoch"], found["epochs"], found["accuracy"], found["smoke"]) == (8, 20, None, False)


def test_no_runs_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cnnbench("runs") == (0, "no runs below outputs\n", "")
    assert cnnbench("runs", "--json") == (0, "[]\n", "")
    assert cnnbench("runs", "--quiet") == (0, "", "")


def test_outputs_is_where_runs_are_looked_for(tmp_path, monkeypatch):
    write_interrupted_run(tmp_path / "outputs", digits())
    monkeypatch.chdir(tmp_path)
    assert "digits-linear" in cnnbench("runs")[1]


def test_an_unknown_folder_is_one_line_and_exit_code_2(tmp_path):
    place = tmp_path / "nowhere"
    assert cnnbench("runs", place) == (2, "", f"error: {place}: not a folder\n")


def test_a_folder_that_cannot_be_read_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert cnnbench("runs", tmp_path) == (2, "", f"error: {tmp_path}: cannot be read (Permission denied)\n")


def test_filter_sort_and_limit(tmp_path):
    for i, accuracy in enumerate((0.9, 0.7, 0.8)):
        make_run(tmp_path / f"n{i}/2026010{i + 1}-000000-a", accuracy=accuracy)
    paths = [str(tmp_path / f"n{i}/2026010{i + 1}-000000-a") for i in range(3)]

    def listed(*arguments):
        code, out, err = cnnbench("runs", tmp_path, "--quiet", *arguments)
        assert (code, err) == (0, "")
        return [paths.index(path) for path in out.splitlines()]

    assert listed("--where", "accuracy>0.75") == [0, 2]
    assert listed("--sort", "accuracy") == [1, 2, 0]
    assert listed("--sort", "-accuracy", "--limit", "2") == [0, 2]
    assert listed("--limit", "2") == [1, 2], "the newest"
    assert listed("--where", "name=n[01] and train.optimizer.learning_rate<=1e-3", "--sort=-macro.f1") == [0, 1]


def test_a_mistake_in_a_filter_is_one_line_and_exit_code_2(tmp_path):
    told = "error: --where 'acuracy>0.9': character 1: unknown field acuracy; did you mean accuracy?\n"
    assert cnnbench("runs", tmp_path, "--where", "acuracy>0.9") == (2, "", told)
    code, out, err = cnnbench("runs", tmp_path, "--sort", "-acuracy")
    assert (code, out, err) == (2, "", "error: --sort acuracy: unknown field acuracy; did you mean accuracy?\n")


def test_nothing_that_matches(tmp_path):
    make_run(tmp_path / "a/1", accuracy=0.5)
    shown = f"no runs below {tmp_path} that match\n"
    assert cnnbench("runs", tmp_path, "--where", "accuracy>0.9") == (0, shown, "")
    assert cnnbench("runs", tmp_path, "--where", "accuracy>0.9", "--json") == (0, "[]\n", "")


def test_repeats_and_sweeps_are_a_line_each(tmp_path):
    make_repeats(tmp_path / "mlp/20260102-000000-b", [0.5, 0.75])
    make_sweep(tmp_path / "rates", [0.625])
    lines = cnnbench("runs", tmp_path)[1].splitlines()
    assert len(lines) == 3
    assert "2 runs  mean 62.50 %" in lines[1] + lines[2]
    assert "1 run  best 62.50 %" in lines[1] + lines[2]
    assert len(cnnbench("runs", tmp_path, "--all")[1].splitlines()) == 7


def test_prune_lists_first_and_removes_on_request(tmp_path):
    good = make_run(tmp_path / "a/1", accuracy=0.5)
    failed = make_run(tmp_path / "a/2", state="failed")
    make_sweep(tmp_path / "rates", [0.5])
    code, out, err = cnnbench("runs", tmp_path, "--prune", "failed,smoke")
    assert (code, err) == (0, "")
    first, stays, last = out.splitlines()
    assert first.split()[:3] == ["would", "remove", "failed"] and first.endswith(str(failed))
    assert stays == f"stays: 1 of the runs in {tmp_path}/rates: that folder stays or goes as a whole"
    assert last.startswith("1 folder, ") and last.endswith("; nothing has been removed yet: add --yes")
    assert failed.exists()
    assert cnnbench("runs", tmp_path, "--prune", "failed", "--quiet") == (0, f"{failed}\n", "")
    code, out, err = cnnbench("runs", tmp_path, "--prune", "failed", "--prune", "smoke", "--yes")
    assert (code, err, out.splitlines()[-1].split(",")[0]) == (0, "", "removed 1 folder")
    assert not failed.exists() and good.exists()
    assert (tmp_path / "rates/trials/bad/seed-0").exists()


def test_prune_with_a_filter_and_as_json(tmp_path):
    old = make_run(tmp_path / "a/1", state="failed", started="2025-01-01T00:00:00+00:00")
    new = make_run(tmp_path / "a/2", state="failed")
    code, out, _ = cnnbench("runs", tmp_path, "--prune", "failed", "--where", "started<2026-01-01", "--yes", "--json")
    found = json.loads(out)
    assert (code, [one["path"] for one in found["removed"]], found["stays"]) == (0, [str(old)], [])
    assert found["bytes"] == found["removed"][0]["bytes"] > 0
    assert new.exists() and not old.exists()


def test_prune_of_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cnnbench("runs", "--prune", "failed") == (0, "nothing to remove\n", "")
    assert cnnbench("runs", "--prune", "failed", "--yes") == (0, "removed 0 folders, 0 B\n", "")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--yes"], "--yes: goes with --prune"),
        (["--prune", "faild"], "--prune faild: allowed are failed, smoke, interrupted, pruned, stopped; did you mean"),
        (
            ["--prune", "failed", "--limit", "2"],
            "--prune: goes with --where; --sort, --limit and --all are for listing",
        ),
        (["--prune", "failed", "--all"], "--prune: goes with --where; --sort, --limit and --all are for listing"),
        (["--prune", "failed", "--where", "state=faild"], "--where 'state=faild': character 7: state: 'faild' is none"),
    ],
)
def test_contradictions_are_refused_and_remove_nothing(tmp_path, options, told):
    run = make_run(tmp_path / "a/1", state="failed")
    code, out, err = cnnbench("runs", tmp_path, *options)
    assert (code, out, err.startswith(f"error: {told}")) == (2, "", True), err
    assert run.exists()


def test_a_folder_that_cannot_be_removed_is_told(tmp_path, monkeypatch):
    run = make_run(tmp_path / "a/1", state="failed")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    code, out, err = cnnbench("runs", tmp_path, "--prune", "failed", "--yes")
    assert (code, out, err) == (2, "removed 0 folders, 0 B\n", f"error: {run}: not removed (Permission denied)\n")

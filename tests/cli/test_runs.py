from __future__ import annotations

import json
import os

from tests.report.command import cnnbench
from tests.report.fixtures import digits, write_interrupted_run, write_run


def test_runs_are_listed_one_line_each(tmp_path):
    done = write_run(tmp_path, digits(), name="digits-linear")
    smoke = write_run(tmp_path, digits(2), name="digits-two", smoke=True)
    code, out, err = cnnbench("runs", tmp_path)
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 3)
    assert lines[0].split() == ["started", "name", "state", "epochs", "accuracy", "time", "folder"]
    by_name = {line.split()[2]: line for line in lines[1:]}
    assert "90.54 %" in by_name["digits-linear"] and by_name["digits-linear"].endswith(str(done.path))
    assert "done (smoke)" in by_name["digits-two"] and by_name["digits-two"].endswith(str(smoke.path))


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

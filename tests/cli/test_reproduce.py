"""`cnnbench reproduce`: what it lists and plans, and a study of one's own run from the documentation alone."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from pathlib import Path

import pytest
import yaml

from cnnbench.config.shipped import study_names
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.studies.test_file import documented
from tests.tools import assert_same_variables, cnnbench, runs_below, start, tiny


def test_without_a_study_it_lists_them(tmp_path: Path) -> None:
    found = cnnbench("reproduce", "--json", cwd=tmp_path)
    assert found.returncode == 0 and [study["study"] for study in json.loads(found.stdout)] == study_names()
    shown = cnnbench("reproduce", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["study", *study_names()]


def test_a_plan_says_runs_images_epochs_and_time(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(documented(), encoding="utf-8")
    found = cnnbench("reproduce", "mine.yaml", "--plan", "--json", cwd=tmp_path)
    first, second = json.loads(found.stdout)["rows"]
    assert first["row"] == "lenet5" and second["row"] == "lenet5-fast"
    assert (first["runs"], first["done"], first["images"], first["epochs"]) == (3, 0, 1150, 10)
    assert first["seconds"] > 0
    shown = cnnbench("reproduce", "mine.yaml", "--plan", "--scale", "small", cwd=tmp_path).stdout
    assert "2 runs, 0 done; about" in shown and "2 rows without a training" in shown
    assert not (tmp_path / "outputs").exists()


def test_mistakes_have_one_line_and_their_exit_code(tmp_path: Path) -> None:
    found = cnnbench("reproduce", "no-such-study", cwd=tmp_path)
    assert found.returncode == 2 and found.stderr.count("\n") == 1
    found = cnnbench("reproduce", "no-such-study", "--scale", "smal", cwd=tmp_path)
    assert (found.returncode, found.stderr) == (
        2,
        "error: --scale smal: allowed are full, small; did you mean small?\n",
    )


@pytest.mark.slow
def test_a_study_of_ones_own_runs_from_the_documentation_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(documented(), encoding="utf-8")
    found = cnnbench("reproduce", "mine.yaml", "--scale", "small", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "353 right + 8 wrong make 361, not 360" in found.stdout
    folder = tmp_path / "outputs" / "mine-small"
    with (folder / "results.csv").open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["key"] == "lenet5"]
    assert all(0 <= float(line["measured"]) <= 1 and line["data"].startswith("digits: 160 training") for line in lines)
    before = [RunDir(run.path).status.stat().st_mtime_ns for run in runs_below(folder)]
    again = cnnbench("reproduce", "mine.yaml", "--scale", "small", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["lines"][0]["measured"] == float(lines[0]["measured"])
    assert [RunDir(run.path).status.stat().st_mtime_ns for run in runs_below(folder)] == before


@pytest.mark.slow
def test_a_killed_study_goes_on_and_ends_as_another(tmp_path: Path) -> None:
    study = {"title": "T", "citation": "C", "rows": [{"key": "a", "title": "A", "config": tiny(), "seeds": 2}]}
    study["rows"][0]["config"]["train"]["epochs"] = 12
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    killed = start("reproduce", "mine.yaml", cwd=tmp_path)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not list(tmp_path.glob("outputs/mine/runs/*/seed-0/checkpoints/last.npz")):
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert not any(Run(run.path).is_done for run in runs_below(tmp_path / "outputs" / "mine"))
    assert cnnbench("reproduce", "mine.yaml", cwd=tmp_path).returncode == 0
    assert cnnbench("reproduce", "mine.yaml", "--output", "whole", cwd=tmp_path).returncode == 0
    (one,) = tmp_path.glob("outputs/mine/runs/*/seed-0")
    (other,) = tmp_path.glob("whole/mine/runs/*/seed-0")
    assert_same_variables(RunDir(one).last_checkpoint, RunDir(other).last_checkpoint)

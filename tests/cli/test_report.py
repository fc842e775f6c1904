from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.runs import digits, write_interrupted_run, write_run
from tests.report.command import cnnbench

pytestmark = pytest.mark.drawn


def test_report_draws_again_and_prints_where_the_page_is(tmp_path):
    run = write_run(tmp_path, digits())
    assert cnnbench("report", run.path) == (0, f"{run.report}\n", "")
    assert run.report.exists() and (run.plots / "confusion_matrix.png").exists()


def test_a_folder_of_runs_means_its_newest(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    assert cnnbench("report", tmp_path) == (0, f"{run.report}\n", "")


def test_json_is_one_document(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    code, out, err = cnnbench("report", run.path, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["run"], found["report"]) == (str(run.path), str(run.report))
    assert found["files"][-1] == str(run.report)
    assert all(Path(file).is_file() for file in found["files"])


def test_quiet_prints_nothing(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    assert cnnbench("report", run.path, "--quiet") == (0, "", "")
    assert run.report.exists()


@pytest.mark.parametrize("kind", ["missing", "empty folder", "file"])
def test_a_place_without_runs_is_one_line_and_exit_code_3(tmp_path, kind):
    place = tmp_path / "nothing [red]"
    if kind == "empty folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("x")
    said = f"error: {place}: not a run folder and no run folder below it (a run holds config.yaml)\n"
    assert cnnbench("report", place) == (2, "", said)


def test_a_broken_run_is_one_line_and_exit_code_3(tmp_path):
    run = write_run(tmp_path, digits())
    run.predictions.write_text("no table")
    assert cnnbench("report", run.path) == (3, "", f"error: {run.predictions}: holds no predictions\n")


@pytest.mark.parametrize("command", ["report", "runs"])
def test_tensorflow_is_not_imported(tmp_path, command):
    write_interrupted_run(tmp_path, digits())
    code = (
        "import sys; from cnnbench.cli import main\n"
        "main.app(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit(', '.join({'tensorflow', 'keras', 'torch', 'jax'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, command, tmp_path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(tmp_path) in done.stdout

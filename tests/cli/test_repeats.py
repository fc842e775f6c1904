"""`cnnbench train --seeds` and `--folds` as a user meets them: real processes, killed and gone on with."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnbench.data.load import load_dataset
from cnnbench.files.lock import held, holder
from cnnbench.repeats.plan import Plan, create_parent, read_plan
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.run import Run
from tests.builders.repeated import config as loaded
from tests.tools import assert_same_variables, cnnbench, comparable_history, only_run, start, tiny, write_config

SEEDS = ["seed-0", "seed-1"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_config(tmp_path_factory.mktemp("config"), tiny(train__epochs=2))


@pytest.fixture(scope="module")
def repeated(config: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RepeatsDir, str]:
    """Two seeds, run without interruption, and what was printed."""
    folder = tmp_path_factory.mktemp("repeated")
    done = cnnbench("train", config, "--seeds", "2", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return only_repeats(folder), done.stdout


def only_repeats(folder: Path) -> RepeatsDir:
    """Return the one folder of repeats below the outputs."""
    (plan,) = folder.glob("outputs/*/*/repeats.json")
    return RepeatsDir(plan.parent)


def summary(folder: RepeatsDir) -> dict[str, Any]:
    """Return a summary without what a clock measured."""
    found: dict[str, Any] = json.loads(folder.summary.read_text())
    found["metrics"] = {name: told for name, told in found["metrics"].items() if not name.startswith("times.")}
    return {name: told for name, told in found.items() if name != "training_seconds"}


def wait_for(condition: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def test_a_line_per_run_and_a_short_table(repeated: tuple[RepeatsDir, str]) -> None:
    folder, printed = repeated
    lines = printed.splitlines()
    share = r"\d+\.\d\d %"
    for name, line in zip(SEEDS, lines, strict=False):
        assert re.match(rf"{name}  val_accuracy {share}  test accuracy {share}  [\d. smin]+$", line), line
    spread = rf"{share} ± {share}  \(95 % interval -?\d+\.\d\d % to \d+\.\d\d %\)"
    assert re.match(rf"test accuracy +{spread}$", lines[2]), lines[2]
    assert re.search(r"method +mean over runs with Student's t interval, 95 %; 2 runs on 180 test images", printed)
    assert lines[-1].split()[0] == "report" and lines[-1].endswith(f"{folder.path.name}/report.html")
    assert "\x1b" not in printed
    assert folder.report.exists() and all(RunDir(folder.child(name)).report.exists() for name in SEEDS)
    status = json.loads(folder.status.read_text())
    assert [status[key] for key in ("state", "data", "network", "changes")] == ["done", "digits", "tiny-net", []]


def test_a_child_is_the_run_with_its_seed(repeated: tuple[RepeatsDir, str], config: Path, tmp_path: Path) -> None:
    assert cnnbench("train", config, "seed=1", "--quiet", cwd=tmp_path).returncode == 0
    alone, child = RunDir(only_run(tmp_path / "outputs")), RunDir(repeated[0].child("seed-1"))
    assert child.config.read_text() == alone.config.read_text()
    assert_same_variables(child.last_checkpoint, alone.last_checkpoint)
    assert comparable_history(Run(child.path).history) == comparable_history(Run(alone.path).history)
    assert child.predictions.read_bytes() == alone.predictions.read_bytes()


@pytest.mark.slow
def test_killed_at_once_and_gone_on_with(repeated: tuple[RepeatsDir, str], config: Path, tmp_path: Path) -> None:
    process = start("train", config, "--seeds", "2", cwd=tmp_path)
    wait_for(lambda: any(tmp_path.glob("outputs/*/*/seed-1/history.csv")))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    folder = only_repeats(tmp_path)
    stopped = RunDir(folder.child("seed-1"))
    wait_for(lambda: holder(stopped.path) is None, 20)  # nobody waits for it any more, so it ends itself
    assert Run(stopped.path).status["state"] == json.loads(folder.status.read_text())["state"] == "running"
    before = RunDir(folder.child("seed-0")).metrics.stat().st_mtime_ns
    done = cnnbench("train", "--resume", folder.path, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert summary(folder) == summary(repeated[0])
    told = json.loads(done.stdout)
    assert (told["path"], told["status"]["state"], told["runs"]) == (str(folder.path), "done", 2)
    assert RunDir(folder.child("seed-0")).metrics.stat().st_mtime_ns == before
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["seed-1"]


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on(config: Path, tmp_path: Path) -> None:
    process = start("train", config, "train.epochs=5000", "--seeds", "0,7", cwd=tmp_path)
    wait_for(lambda: any(tmp_path.glob("outputs/*/*/seed-0/history.csv")))
    os.kill(process.pid, signal.SIGINT)
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    folder = only_repeats(tmp_path)
    relative = folder.path.relative_to(tmp_path)
    assert re.match(r"seed-0  interrupted after \d+ epoch", printed.splitlines()[0])
    assert f"0 of 2 runs; interrupted by SIGINT; report: {relative}/report.html; " in errors
    assert errors.endswith(f"go on with: cnnbench train --resume {relative}\n") and len(errors.splitlines()) == 1
    assert json.loads(folder.status.read_text())["state"] == "interrupted"
    assert Run(folder.child("seed-0")).status["state"] == "interrupted"
    assert not folder.child("seed-7").exists() and folder.report.exists()


@pytest.mark.slow
def test_folds_two_at_a_time_and_shrunk(config: Path, tmp_path: Path) -> None:
    arguments = ["--smoke", "--folds", "2", "--slots", "2", "--json", "--output", "outputs/smoke"]
    done = cnnbench("train", config, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kind"], told["children"], told["pooled_validation"]["images"]) == ("folds", ["fold-1", "fold-2"], 20)
    assert (told["smoke"], told["source"]) == (True, "synthetic")
    assert told["path"].startswith("outputs/smoke/tiny/")
    folder = RepeatsDir(tmp_path / told["path"])
    datasets = [load_dataset(child) for child in read_plan(folder).children.values()]
    held_out = [set(found.validation.rows.tolist()) for found in datasets if found.validation is not None]
    assert len(held_out[0] | held_out[1]) == 20 and not held_out[0] & held_out[1]
    assert all(Run(folder.child(name)).status["smoke"] for name in told["children"])


@pytest.mark.slow
def test_one_run_that_fails_leaves_the_others(config: Path, tmp_path: Path) -> None:
    folder = create_parent(tmp_path / "outputs", Plan("seeds", [3, 4], loaded(train__epochs=1)))
    folder.child("seed-4").write_text("in the way")
    done = cnnbench("train", "--resume", folder.path, "--fail-under", "accuracy=1", cwd=tmp_path)
    assert done.returncode == 4
    (error,) = done.stderr.splitlines()
    assert error.startswith("error: 1 of 2 runs; seed-4: ") and "cannot be written" in error
    assert error.endswith(f"go on with: cnnbench train --resume {folder.path}")
    assert re.search(r"seed-4  failed: .*cannot be written", done.stdout)
    assert "1 of 2 runs on 180 test images" in done.stdout
    status = json.loads(folder.status.read_text())
    assert (status["state"], list(status["failed"])) == ("failed", ["seed-4"])
    assert summary(folder)["children"] == ["seed-3"]


@pytest.mark.slow
def test_runs_that_all_diverge_leave_a_page_without_results(config: Path, tmp_path: Path) -> None:
    done = cnnbench("train", config, "train.optimizer.learning_rate=1e30", "--seeds", "2", "--json", cwd=tmp_path)
    assert done.returncode == 4
    assert "error: 0 of 2 runs; seed-0: epoch 1, step 2: the loss is nan" in done.stderr
    assert "metrics" not in json.loads(done.stdout)
    assert "no result yet" in only_repeats(tmp_path).report.read_text()


def test_what_is_finished_is_only_drawn_again(repeated: tuple[RepeatsDir, str], tmp_path: Path) -> None:
    folder = repeated[0]
    before = summary(folder)
    folder.report.unlink()
    drawn = cnnbench("report", folder.path, cwd=tmp_path)
    assert (drawn.returncode, drawn.stdout, drawn.stderr) == (0, f"{folder.report}\n", "")
    assert folder.report.exists() and summary(folder) == before
    missed = cnnbench("train", "--resume", folder.path, "--quiet", "--fail-under", "macro.f1=1.0", cwd=tmp_path)
    assert missed.returncode == 5
    assert "mean macro.f1 is 0." in missed.stderr and "over 2 runs on 180 test images" in missed.stderr
    assert "seed-0" not in missed.stdout and summary(folder) == before
    several = cnnbench("evaluate", folder.path.parent, cwd=tmp_path)
    assert (several.returncode, several.stdout) == (2, "")
    assert f"{folder.path}: repeats of one run, not a single run; name one of its runs, such as" in several.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["--seeds", "x"], 2, "--seeds x: expected how many"),
        (["--folds", "5", "--seeds", "5"], 2, "--seeds with --folds"),
        (["--folds", "30"], 3, "training image(s), too few for 30 folds"),
        (["--slots", "2"], 2, "--slots: how many runs of --seeds and --folds"),
        (["--no-preload"], 2, "--no-preload: how the runs of --seeds and --folds start"),
        (["--resume", "nowhere", "--seeds", "2"], 2, "nowhere"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, expected: str, config: Path, tmp_path: Path) -> None:
    given = [] if "--resume" in arguments else [config]
    done = cnnbench("train", *given, *arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train.epochs=9"], "train.epochs=9 cannot change; its runs differ in seed or fold alone"),
        (["--seeds", "7"], "--seeds and --folds plan new ones"),
        (["--name", "other"], "--name, --output and --smoke are a new one's"),
    ],
)
def test_what_resume_refuses(
    arguments: list[str], expected: str, repeated: tuple[RepeatsDir, str], tmp_path: Path
) -> None:
    done = cnnbench("train", "--resume", repeated[0].path, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr and len(done.stderr.splitlines()) == 1


def test_two_at_once_are_refused(repeated: tuple[RepeatsDir, str], tmp_path: Path) -> None:
    with held(repeated[0].path, ""):
        done = cnnbench("train", "--resume", repeated[0].path, cwd=tmp_path)
    assert done.returncode == 2
    assert f"still running (process {os.getpid()} on " in done.stderr

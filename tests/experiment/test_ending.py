"""How runs end when something comes in between: signals, full disks, reports that cannot be drawn."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cnnbench
from cnnbench.errors import CnnbenchError, DataError, InterruptedRun, OutputError, ReportError, TrainingError
from cnnbench.experiment import execute as experiment
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.experiment.resume import resumed
from cnnbench.files.lock import held
from cnnbench.files.whole import whole_file
from cnnbench.report import write
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, runs_below, tiny

Patch = pytest.MonkeyPatch


def only(folder: Path) -> RunDir:
    (run,) = runs_below(folder)
    return run


def go_on(run: RunDir, *overrides: str) -> Result:
    config, folder = resumed(run.path, overrides)
    return experiment.execute(config, Options(resume=folder))


def before(function: Callable[..., Any], act: Callable[[], None]) -> Callable[..., Any]:
    def acting(*arguments: Any, **named: Any) -> Any:
        act()
        return function(*arguments, **named)

    return acting


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def fill_the_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def results(run: RunDir) -> list[Path]:
    return [run.metrics, run.predictions, run.samples, run.confusion_matrix, run.classification_report]


def test_a_report_that_cannot_be_drawn_leaves_the_run_done(tmp_path: Path, monkeypatch: Patch) -> None:
    def broken(run: RunDir) -> None:
        raise ZeroDivisionError("no height\nsecond line")

    with monkeypatch.context() as patch, pytest.raises(ReportError) as raised:
        patch.setattr(write, "write_report", broken)
        cnnbench.run(tiny(train__epochs=1), output=tmp_path)
    run = only(tmp_path)
    assert str(raised.value) == (
        f"{run.report}: not drawn (ZeroDivisionError: no height); the run is written down; "
        f"again with: cnnbench report {run.path}"
    )
    assert raised.value.exit_code == 1
    assert Run(run.path).status["state"] == "done"
    assert all(path.exists() for path in (run.metrics, run.predictions, run.samples, run.model))
    write.write_report(run)
    assert run.report.exists() and run.confusion_matrix.exists()


def test_one_signal_while_testing_ends_the_run_with_a_report(tmp_path: Path, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch, pytest.raises(InterruptedRun) as raised:
        patch.setattr(experiment, "evaluate", before(experiment.evaluate, press_ctrl_c))
        cnnbench.run(tiny(train__epochs=2), output=tmp_path)
    run = only(tmp_path)
    assert str(raised.value) == (
        f"interrupted by SIGINT after 2 finished epoch(s); report: {run.report}; "
        f"go on with: cnnbench train --resume {run.path}"
    )
    assert (Run(run.path).status["state"], Run(run.path).status["reason"]) == ("interrupted", "interrupted by SIGINT")
    assert run.report.exists() and not run.metrics.exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finished = go_on(run)
    assert finished.status["state"] == "done" and len(finished.history) == 2
    whole = cnnbench.run(tiny(train__epochs=2), output=tmp_path / "whole")
    assert_same_variables(RunDir(whole.path).last_checkpoint, run.last_checkpoint)
    assert run.predictions.read_bytes() == RunDir(whole.path).predictions.read_bytes()


def test_who_asks_twice_gets_no_report(tmp_path: Path, monkeypatch: Patch) -> None:
    def press_twice() -> None:
        press_ctrl_c()
        press_ctrl_c()

    monkeypatch.setattr(experiment, "describe", before(experiment.describe, press_twice))
    with pytest.raises(InterruptedRun, match=r"^interrupted by SIGINT after 0 finished epoch"):
        cnnbench.run(tiny(train__epochs=2), output=tmp_path)
    run = only(tmp_path)
    assert Run(run.path).status["state"] == "interrupted"
    assert not run.report.exists()


def test_a_signal_before_the_first_step_is_not_lost(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(experiment, "describe", before(experiment.describe, press_ctrl_c))
    with pytest.raises(InterruptedRun, match=r"^interrupted by SIGINT after 0 finished epoch"):
        cnnbench.run(tiny(train__epochs=2), output=tmp_path)
    assert only(tmp_path).report.exists()


def test_a_full_disk_is_a_failed_training_that_can_go_on(tmp_path: Path, monkeypatch: Patch) -> None:
    from cnnbench.training import checkpoint

    with monkeypatch.context() as patch, pytest.raises(TrainingError) as raised:
        patch.setattr(checkpoint.np, "savez", before(checkpoint.np.savez, fill_the_disk))
        cnnbench.run(tiny(train__epochs=1), output=tmp_path)
    run = only(tmp_path)
    assert str(raised.value) == (
        f"{run.last_checkpoint}: cannot be written (No space left on device); "
        f"go on with: cnnbench train --resume {run.path}"
    )
    assert Run(run.path).status["state"] == "failed"
    assert go_on(run).status["state"] == "done"


def test_a_full_disk_at_the_very_end_is_told_once(tmp_path: Path, monkeypatch: Patch) -> None:
    def full(*arguments: Any, **named: Any) -> None:
        monkeypatch.setattr(os, "fsync", lambda descriptor: fill_the_disk())
        with whole_file(tmp_path / "x") as part:
            part.write_text("x")

    monkeypatch.setattr(experiment, "evaluate", full)
    with pytest.raises(TrainingError, match="No space left on device") as raised:
        cnnbench.run(tiny(train__epochs=1), output=tmp_path)
    assert isinstance(raised.value.__cause__, OutputError)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.slow
def test_results_of_before_do_not_outlive_going_on(tmp_path: Path, monkeypatch: Patch) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=1), output=tmp_path).path)
    half = run.last_checkpoint.parent / ".last.0123abcd.part.npz"  # what a kill while it is written leaves
    half.write_bytes(b"half")
    old = run.report.read_text()
    assert all(path.exists() for path in results(run))
    with monkeypatch.context() as patch, pytest.raises(InterruptedRun):
        patch.setattr(experiment, "evaluate", before(experiment.evaluate, press_ctrl_c))
        go_on(run, "train.epochs=2")
    assert not any(path.exists() for path in (*results(run), half))
    assert "test accuracy" in old and "test accuracy" not in run.report.read_text()
    assert go_on(run).status["state"] == "done"
    assert all(path.exists() for path in results(run))


def test_results_stay_where_the_checkpoint_cannot_be_read(tmp_path: Path) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=1), output=tmp_path).path)
    run.last_checkpoint.write_bytes(b"no checkpoint")
    with pytest.raises(DataError, match="not a readable checkpoint"):
        go_on(run, "train.epochs=2")
    assert all(path.exists() for path in results(run))


def test_two_cannot_go_on_with_one_run(tmp_path: Path, monkeypatch: Patch) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=1), output=tmp_path).path)
    config, folder = resumed(run.path, ["train.epochs=2"])
    written = run.config.read_bytes()
    status = run.status.read_text()
    with held(run.path, ""), pytest.raises(CnnbenchError, match=rf"still running \(process {os.getpid()} on "):
        experiment.execute(config, Options(resume=folder))  # another one was faster
    assert run.status.read_text() == status
    assert run.config.read_bytes() == written


def test_a_number_that_another_process_has_now_keeps_nobody_out(tmp_path: Path) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=1), output=tmp_path).path)
    status = run.status.read_text().replace('"done"', '"running"').replace(f'"pid": {os.getpid()}', '"pid": 1')
    run.status.write_text(status)  # killed with its container, whose processes have the same numbers again
    assert go_on(run, "train.epochs=2").status["state"] == "done"


@pytest.mark.slow
def test_going_on_with_other_versions_is_noted(tmp_path: Path) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=1), output=tmp_path).path)
    run.environment.write_text(run.environment.read_text().replace('"cnnbench": "', '"cnnbench": "0.0.'))
    notes = go_on(run, "train.epochs=2").status["notes"]
    assert [note for note in notes if note.startswith("went on with")] == [
        f"went on with cnnbench {cnnbench.__version__} instead of 0.0.{cnnbench.__version__}"
    ]
    assert "went on with" not in str(go_on(run, "train.epochs=3").status["notes"])


@pytest.mark.parametrize("name", ["last", "best"])
def test_a_run_whose_checkpoint_is_gone_does_not_start_again_over_its_results(name: str, tmp_path: Path) -> None:
    run = RunDir(cnnbench.run(tiny(train__epochs=2), output=tmp_path).path)
    checkpoint = run.path / "checkpoints" / f"{name}.npz"
    checkpoint.unlink()
    with pytest.raises(DataError) as raised:
        go_on(run, "train.epochs=3")
    assert str(raised.value) == f"--resume {run.path}: 2 epochs are done, but {checkpoint} is gone; start a new run"
    assert all(path.exists() for path in results(run)) and len(Run(run.path).history) == 2

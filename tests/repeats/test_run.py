"""How repeats are handed to an engine and how they end; this engine writes finished runs in no time."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnbench.errors import ConfigError, InterruptedRun, TrainingError
from cnnbench.files.lock import held
from cnnbench.jobs.types import Ended, Event, Job, State
from cnnbench.repeats.plan import read_plan
from cnnbench.repeats.results import Repeats
from cnnbench.repeats.run import check_complete, run_repeats
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.run import Run
from tests.builders.repeated import finish, planned, varied

Act = Callable[["InstantEngine", Job], State]


def succeed(engine: InstantEngine, job: Job) -> State:
    finish(RepeatsDir(job.folder.parent), job.key, varied(int(job.key.removeprefix("seed-")) % 5))
    return "done"


class InstantEngine:
    """Ends the job that began first whenever it is asked what happened."""

    def __init__(self, slots: int = 1, act: Act = succeed) -> None:
        self.slots, self._act = slots, act
        self.running: list[Job] = []
        self.told: list[str] = []

    def start(self, job: Job) -> None:
        assert len(self.running) < self.slots
        self.running.append(job)
        self.told.append(f"start {job.key}")

    def next_event(self, timeout: float) -> Event | None:
        if not self.running:
            return None
        job = self.running.pop(0)
        state = self._act(self, job)
        self.told.append(f"{state} {job.key}")
        return Ended(job, state, "its reason", "", 1.0)

    def answer(self, job: Job, go_on: bool) -> None:
        raise AssertionError("no job of repeats is judged")

    def stop(self) -> None:
        self.told.append("stop")


class Quiet:
    """Shows nothing."""

    def on_stage(self, text: str) -> None:
        pass

    def on_missing(self, names: object) -> None:
        pass

    def on_start(self, name: str, epochs: int) -> None:
        pass

    def on_epoch(self, name: str, epoch: int) -> None:
        pass

    def on_end(self, child: Run, ended: Ended) -> None:
        pass


def go(folder: RepeatsDir, engine: InstantEngine) -> Repeats:
    return run_repeats(read_plan(folder), folder, engine, Quiet())


def status(folder: RepeatsDir) -> dict[str, object]:
    found: dict[str, object] = json.loads(folder.status.read_text())
    return found


def test_as_many_at_a_time_as_there_are_slots(tmp_path: Path) -> None:
    folder, engine = planned(tmp_path), InstantEngine(slots=2)
    check_complete(go(folder, engine))
    assert engine.told == [
        "start seed-0",
        "start seed-7",
        "done seed-0",
        "start seed-42",
        "done seed-7",
        "done seed-42",
    ]
    assert status(folder)["reason"] == "3 runs" and json.loads(folder.summary.read_text())["runs"] == 3


def test_finished_runs_are_left_alone(tmp_path: Path) -> None:
    folder, engine = planned(tmp_path), InstantEngine()
    finish(folder, "seed-7", varied(2))
    go(folder, engine)
    assert engine.told == ["start seed-0", "done seed-0", "start seed-42", "done seed-42"]
    again = InstantEngine()
    go(folder, again)
    assert again.told == []


def test_a_failed_run_is_noted_and_tried_again_when_asked_to_go_on(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    found = go(folder, InstantEngine(act=lambda e, job: "failed" if job.key == "seed-7" else succeed(e, job)))
    with pytest.raises(TrainingError, match=r"2 of 3 runs; seed-7: its reason; report: .*train --resume"):
        check_complete(found)
    assert (status(folder)["state"], status(folder)["failed"]) == ("failed", {"seed-7": "its reason"})
    engine = InstantEngine()
    check_complete(go(folder, engine))
    assert engine.told == ["start seed-7", "done seed-7"]
    assert (status(folder)["state"], status(folder)["failed"]) == ("done", {})


def test_after_a_signal_no_other_run_begins(tmp_path: Path) -> None:
    def interrupted(engine: InstantEngine, job: Job) -> State:
        os.kill(os.getpid(), signal.SIGTERM)
        return succeed(engine, job)

    folder, engine = planned(tmp_path), InstantEngine(act=interrupted)
    with pytest.raises(InterruptedRun, match=r"1 of 3 runs; interrupted by SIGTERM; report: .*; go on with: cnnbench"):
        go(folder, engine)
    assert engine.told == ["start seed-0", "done seed-0", "stop"]
    assert status(folder)["state"] == "interrupted" and folder.report.exists()


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    def impatient(engine: InstantEngine, job: Job) -> State:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return "done"

    folder = planned(tmp_path)
    with pytest.raises(InterruptedRun, match="stopped at once by SIGINT; go on with: cnnbench train --resume"):
        go(folder, InstantEngine(act=impatient))
    assert status(folder)["state"] == "interrupted" and not folder.report.exists()


def test_an_unexpected_end_is_noted(tmp_path: Path) -> None:
    def break_down(engine: InstantEngine, job: Job) -> State:
        raise RuntimeError("the engine is gone")

    folder = planned(tmp_path)
    with pytest.raises(RuntimeError):
        go(folder, InstantEngine(act=break_down))
    assert (status(folder)["state"], status(folder)["reason"]) == ("failed", "RuntimeError: the engine is gone")


def test_what_another_process_runs_is_left_alone(tmp_path: Path) -> None:
    folder, engine = planned(tmp_path), InstantEngine()
    with held(folder.path, ""), pytest.raises(ConfigError, match=rf"still running \(process {os.getpid()} on "):
        go(folder, engine)
    assert engine.told == []


def test_jobs_carry_what_was_planned(tmp_path: Path) -> None:
    jobs: list[Job] = []

    def look(engine: InstantEngine, job: Job) -> State:
        jobs.append(job)
        return succeed(engine, job)

    folder = planned(tmp_path, smoke=True)
    go(folder, InstantEngine(act=look))
    assert [job.folder for job in jobs] == [folder.child(name) for name in ("seed-0", "seed-7", "seed-42")]
    assert [f"seed: {n}\n" in job.config for n, job in zip((0, 7, 42), jobs, strict=True)] == [True] * 3
    assert {(job.smoke, job.report, job.judged, job.command) for job in jobs} == {
        (True, True, False, "cnnbench train tiny.yaml")
    }

"""Jobs as real processes: how they end, and that what happens to one stays there."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.files.lock import held
from cnnbench.jobs.child import Child, log_of
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.types import Ended, Epoch, Event, Job
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, tiny


def job(folder: Path, *, judged: bool = False, minutes: float | None = None, **changes: Any) -> Job:
    config = dump_yaml(load_config(tiny(augment=[], **changes)))
    return Job(folder.name, folder, config, report=False, judged=judged, minutes=minutes)


def drain(engine: LocalEngine, jobs: int, on_epoch: Callable[[Epoch], None] = lambda epoch: None) -> dict[str, Ended]:
    """Handle events until so many jobs are over."""
    ended: dict[str, Ended] = {}
    deadline = time.monotonic() + 240
    while len(ended) < jobs and time.monotonic() < deadline:
        event: Event | None = engine.next_event(1)
        if isinstance(event, Epoch):
            on_epoch(event)
        elif isinstance(event, Ended):
            ended[event.job.key] = event
    return ended


@pytest.mark.slow
def test_jobs_end_done_pruned_and_failed_beside_each_other(tmp_path: Path) -> None:
    seen: dict[str, list[int]] = {"good": [], "hopeless": [], "wild": []}
    with LocalEngine(slots=3, threads=1) as engine:
        engine.start(job(tmp_path / "good", judged=True))
        engine.start(job(tmp_path / "hopeless", judged=True))
        engine.start(job(tmp_path / "wild", train__optimizer={"name": "SGD", "learning_rate": 1e30}))

        def on_epoch(event: Epoch) -> None:
            seen[event.job.key].append(int(event.row["epoch"]))
            engine.answer(event.job, event.job.key == "good" or len(seen["hopeless"]) < 2)

        ended = drain(engine, 3, on_epoch)
    assert {key: end.state for key, end in ended.items()} == {"good": "done", "hopeless": "pruned", "wild": "failed"}
    assert seen["good"] == [1, 2, 3] and seen["hopeless"] == [1, 2]
    assert ended["hopeless"].reason == "pruned after epoch 2 of 3"
    assert "the loss is" in ended["wild"].reason and "TrainingError" in ended["wild"].log
    assert ended["good"].log == "" and not log_of(tmp_path / "good").exists()
    states = {key: Run(tmp_path / key).status["state"] for key in seen}
    assert states == {"good": "done", "hopeless": "pruned", "wild": "failed"}
    assert not RunDir(tmp_path / "hopeless").metrics.exists()  # its test images were never looked at
    assert not RunDir(tmp_path / "good").report.exists()
    assert load_config(RunDir(tmp_path / "good").config).train.threads == 1


@pytest.mark.slow
def test_a_stopped_job_goes_on_and_ends_as_one_that_was_not_stopped(tmp_path: Path) -> None:
    with LocalEngine(slots=2, threads=1) as engine:
        engine.start(job(tmp_path / "whole", train__epochs=4))
        engine.start(stopped := job(tmp_path / "stopped", judged=True, train__epochs=4))

        def on_epoch(event: Epoch) -> None:
            if event.job.key == "stopped" and event.row["epoch"] == 2:
                engine._children["stopped"].stop()
            elif event.job.judged:
                engine.answer(event.job, True)

        ended = drain(engine, 2, on_epoch)
        assert {key: end.state for key, end in ended.items()} == {"whole": "done", "stopped": "interrupted"}
        assert len(Run(stopped.folder).history) == 2
        engine.start(job(tmp_path / "stopped", train__epochs=4))
        assert drain(engine, 1)["stopped"].state == "done"
    assert_same_variables(RunDir(tmp_path / "whole").last_checkpoint, RunDir(tmp_path / "stopped").last_checkpoint)


@pytest.mark.slow
def test_a_job_waits_for_the_process_of_before_to_be_gone(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    with LocalEngine(slots=1) as engine:
        engine.start(job(run.path, judged=True, train__epochs=2))
        drain(engine, 1, lambda event: os.kill(engine._children["run"].pid, signal.SIGKILL))
        ending = ExitStack()
        ending.enter_context(held(run.path, ""))
        threading.Timer(6, ending.close).start()  # longer than a job needs to look at its folder
        engine.start(job(run.path, train__epochs=2))
        ended = drain(engine, 1)["run"]
    assert (ended.state, ended.reason) == ("done", "all epochs done")


@pytest.mark.slow
def test_a_job_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    with LocalEngine(slots=1) as engine:
        engine.start(job(tmp_path / "run", train__epochs=1))
        assert drain(engine, 1)["run"].state == "done"
        before = RunDir(tmp_path / "run").metrics.stat()
        engine.start(job(tmp_path / "run", train__epochs=1))
        assert drain(engine, 1)["run"].state == "done"
    assert RunDir(tmp_path / "run").metrics.stat() == before


def test_a_killed_process_is_told_with_its_signal(tmp_path: Path) -> None:
    with LocalEngine(slots=1) as engine:
        engine.start(job(tmp_path / "run", judged=True, train__epochs=50))
        ended = drain(engine, 1, lambda event: os.kill(engine._children["run"].pid, signal.SIGKILL))["run"]
    assert ended.state == "failed"
    assert ended.reason == "its process was killed by SIGKILL, as the kernel does where memory runs out"


def test_what_the_kernel_killed_for_memory_is_told_as_that(tmp_path: Path, monkeypatch: Any) -> None:
    counts = tmp_path / "vmstat"
    counts.write_text("low 0\noom_kill 3\n")
    monkeypatch.setattr("cnnbench.jobs.child.KERNEL_EVENTS", counts)

    def kill(event: Epoch) -> None:
        counts.write_text("low 0\noom_kill 4\n")
        os.kill(engine._children["run"].pid, signal.SIGKILL)

    with LocalEngine(slots=1) as engine:
        engine.start(job(tmp_path / "run", judged=True, train__epochs=50))
        ended = drain(engine, 1, kill)["run"]
    assert ended.reason.startswith("out of memory: the kernel killed its process")


@pytest.mark.slow
def test_a_job_out_of_time_fails_for_that_reason(tmp_path: Path) -> None:
    with LocalEngine(slots=1) as engine:
        engine.start(job(tmp_path / "run", minutes=0.08, train__epochs=100_000))
        ended = drain(engine, 1)["run"]
    assert ended.state == "failed" and ended.reason == "out of time after 0.08 minutes"


def test_a_wrong_configuration_fails_with_its_reason_and_log(tmp_path: Path) -> None:
    wrong = Job("run", tmp_path / "run", dump_yaml(load_config(tiny())).replace("digits", "digist"))
    with LocalEngine(slots=1) as engine:
        engine.start(wrong)
        ended = drain(engine, 1)["run"]
    assert ended.state == "failed" and "did you mean digits?" in ended.reason
    assert "ConfigError" in ended.log and log_of(wrong.folder).exists()
    assert not wrong.folder.exists()


def test_a_job_dies_with_its_parent(tmp_path: Path) -> None:
    events: list[Event] = []
    child = Child(job(tmp_path / "run", judged=True, train__epochs=50), events.append, threads=1, environment={})
    deadline = time.monotonic() + 120
    while not events and time.monotonic() < deadline:
        time.sleep(0.1)
    assert isinstance(events[0], Epoch)
    assert child._process.stdin is not None
    child._process.stdin.close()  # as the system does when the parent is killed
    child.join()
    ended = events[-1]
    assert isinstance(ended, Ended) and "SIGKILL" in ended.reason
    assert Run(tmp_path / "run").history[0]["epoch"] == 1


def test_leaving_the_engine_leaves_no_process_behind(tmp_path: Path) -> None:
    with LocalEngine(slots=1) as engine:
        engine.start(job(tmp_path / "run", train__epochs=50))
        process = engine._children["run"]._process
    assert process.poll() == -signal.SIGKILL


def test_jobs_take_the_gpus_in_turn(monkeypatch: Any) -> None:
    from cnnbench.machine import slots as machine

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    assert machine.gpus() == ["3", "5"] and machine.slots() == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert machine.gpus() == [] and 1 <= machine.slots() <= (os.cpu_count() or 1)
    assert machine.threads(1) is None and machine.threads(10_000) == 1

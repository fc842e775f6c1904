"""Jobs that are forked from a process which has imported TensorFlow: the same jobs, and none lost where it is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.jobs import preloaded
from cnnbench.jobs.child import log_of
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.preloaded import NO_THREAD, Preloaded
from cnnbench.jobs.process import Forked
from cnnbench.jobs.types import Epoch, Job
from cnnbench.runs.environment import ENVIRONMENT
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.jobs.test_local import drain, job
from tests.tools import ROOT, assert_same_variables, comparable_history, tiny

pytestmark = [
    pytest.mark.own_server,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each job is a fresh interpreter"),
]


@pytest.fixture(autouse=True)
def no_data(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CNNBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def lost(folder: Path) -> Job:
    """Return a job that ends before Keras: its images are not there."""
    return Job(folder.name, folder, dump_yaml(load_config("lenet5-mnist")), offline=True)


def is_forked(engine: LocalEngine, key: str) -> bool:
    return isinstance(engine._children[key]._process, Forked)


def server_of(engine: LocalEngine) -> subprocess.Popen[bytes]:
    assert engine._preloaded is not None and engine._preloaded._server is not None
    return engine._preloaded._server._process


@pytest.mark.slow
def test_numbers_are_the_same_to_the_bit_however_a_process_began(tmp_path: Path) -> None:
    for way in ("forked", "fresh"):
        with LocalEngine(slots=2, threads=1, preload=way == "forked") as engine:
            for seed in range(3):
                config = dump_yaml(load_config(tiny(seed=seed)))  # with augmentation and dropout
                killed = seed == 2 and way == "forked"
                run = Job(f"seed-{seed}", tmp_path / way / f"seed-{seed}", config, report=False, judged=killed)
                engine.start(run)
                assert is_forked(engine, run.key) is (way == "forked")
                if killed:
                    drain(engine, 1, once(lambda event: engine.answer(event.job, True), kill(engine)))
                    engine.start(replace(run, judged=False))
                assert drain(engine, 1)[run.key].state == "done"
    for seed in range(3):
        forked, fresh = (RunDir(tmp_path / way / f"seed-{seed}") for way in ("forked", "fresh"))
        assert_same_variables(forked.last_checkpoint, fresh.last_checkpoint)
        assert forked.predictions.read_bytes() == fresh.predictions.read_bytes()
        histories = [comparable_history(Run(run.path).history) for run in (forked, fresh)]
        assert histories[0] == histories[1] and len(histories[0]) == 3
        assert environment(forked) == environment(fresh)


def environment(run: RunDir) -> dict[str, Any]:
    """Return what a run tells of its machine, without when it began and whether it was the one to time precisions."""
    return {key: told for key, told in Run(run.path).environment.items() if key not in ("time", "precision")}


def once(*actions: Callable[[Epoch], None]) -> Callable[[Epoch], None]:
    """Return what takes one action per event."""
    left = list(actions)
    return lambda event: left.pop(0)(event)


def kill(engine: LocalEngine) -> Callable[[Epoch], None]:
    return lambda event: os.kill(engine._children[event.job.key].pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_server_that_is_killed_takes_no_job_along(tmp_path: Path) -> None:
    with LocalEngine(slots=4, threads=1) as engine:
        for key in ("good", "bad"):
            engine.start(job(tmp_path / key, judged=True))
        server = server_of(engine)

        def on_epoch(event: Epoch) -> None:
            server.kill()
            server.wait()
            if event.job.key == "bad":
                kill(engine)(event)
            else:
                engine.answer(event.job, True)

        ended = drain(engine, 2, on_epoch)
        assert (ended["good"].state, len(Run(tmp_path / "good").history)) == ("done", 3)
        assert ended["bad"].reason == "its process was killed by SIGKILL, as the kernel does where memory runs out"
        engine.start(lost(tmp_path / "next"))
        engine.start(lost(tmp_path / "after"))
        assert not is_forked(engine, "next") and is_forked(engine, "after")
        assert {end.state for end in drain(engine, 2).values()} == {"data"}


@pytest.mark.slow
def test_a_fork_has_folder_session_environment_and_log_of_its_own(tmp_path: Path, monkeypatch: Any) -> None:
    with LocalEngine(slots=2, threads=1) as engine:
        engine.start(lost(tmp_path / "first"))
        drain(engine, 1)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        monkeypatch.setenv("CNNBENCH_DATA", "/no/such/folder")
        engine.start(lost(tmp_path / "second"))
        assert is_forked(engine, "second")
        assert "$CNNBENCH_DATA: /no/such/folder" in drain(engine, 1)["second"].reason
        engine.start(job(tmp_path / "run", judged=True))
        seen: list[bool] = []

        def on_epoch(event: Epoch) -> None:
            place = Path(f"/proc/{(pid := engine._children['run'].pid)}")
            seen.append((place / "cwd").readlink() == tmp_path / "elsewhere")
            seen.append((place / "fd" / "2").readlink() == log_of(tmp_path / "run"))
            seen.append(os.getsid(pid) == pid and stat(pid)[1] == str(os.getpid()))
            engine._children["run"].stop()

        assert drain(engine, 1, on_epoch)["run"].state == "interrupted"
        assert seen == [True, True, True]


def stat(pid: int) -> list[str]:
    """Return state, parent and more of a process; raises FileNotFoundError."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


@pytest.mark.slow
def test_a_server_with_a_thread_is_not_forked(tmp_path: Path, monkeypatch: Any) -> None:
    begun = "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    (tmp_path / "sitecustomize.py").write_text(begun)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    with LocalEngine(slots=1, threads=1) as engine:
        engine.start(lost(tmp_path / "run"))
        assert not is_forked(engine, "run") and server_of(engine).poll() is None
        assert drain(engine, 1)["run"].state == "data"


@pytest.mark.slow
def test_what_is_imported_ahead_starts_nothing() -> None:
    code = """
from cnnbench.jobs import server
from cnnbench.machine import runtime
server._import()
import tensorflow as tf
from tensorflow.python.eager import context
made = context.context_safe()
print(len(list(server.THREADS.iterdir())), made is None or made._context_handle is None, tf.get_logger().level)
print(runtime.start("tensorflow"), tf.get_logger().level)  # and what start does besides is still to be done
"""
    environment = {**os.environ, **NO_THREAD, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "1 True 0\ntensorflow 40\n", done.stdout + done.stderr


def test_on_another_backend_a_job_is_a_fresh_interpreter(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "began").mkdir()
    ENVIRONMENT.write(RunDir(tmp_path / "began").environment, {"backend": "jax"})
    asked = Job("asked", tmp_path / "asked", "", backend="jax")
    began = Preloaded()
    with (tmp_path / "log").open("wb") as log:
        configured = Job("set", tmp_path / "set", "train: {backend: jax}")
        for each in (asked, Job("began", tmp_path / "began", ""), configured):
            process = began.begin(each, log, os.environ)
            assert not isinstance(process, Forked) and began._server is None
            process.kill()
            process.wait()
        (tmp_path / "keras").mkdir(exist_ok=True)
        (tmp_path / "keras" / "keras.json").write_text(json.dumps({"backend": "jax"}))
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        process = began.begin(lost(tmp_path / "other"), log, os.environ)
        assert not isinstance(process, Forked) and began._server is None
        process.kill()
        process.wait()


def test_imports_begin_before_the_first_job_that_is_then_forked(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    with LocalEngine(slots=1, threads=1) as engine:
        engine.begin_import("jax")
        assert engine._preloaded is not None and engine._preloaded._server is None
        engine.begin_import(None)
        importing = server_of(engine)
        engine.begin_import("tensorflow")
        engine.start(lost(tmp_path / "run"))
        assert is_forked(engine, "run") and server_of(engine) is importing
        assert drain(engine, 1)["run"].state == "data"
    assert importing.poll() is not None
    with LocalEngine(slots=1, preload=False) as engine:
        engine.begin_import(None)
        assert engine._preloaded is None


def test_where_imports_fail_every_job_is_a_fresh_interpreter(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(preloaded, "Server", partial(preloaded.Server, [sys.executable, "-c", "raise SystemExit"]))
    with LocalEngine(slots=2, threads=1) as engine:
        engine.begin_import(None)
        for key in ("first", "second"):
            engine.start(lost(tmp_path / key))
            assert not is_forked(engine, key)
        assert {end.state for end in drain(engine, 2).values()} == {"data"}


PARENT = """
import sys, time
from pathlib import Path
from cnnbench.jobs.local import LocalEngine
from cnnbench.jobs.types import Epoch
from tests.jobs.test_local import job
with LocalEngine(slots=1, threads=1) as engine:
    engine.start(job(Path(sys.argv[1]), judged=True))
    while not isinstance(engine.next_event(1), Epoch):
        pass
    print(engine._preloaded._server._process.pid, engine._children["run"].pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
def test_server_and_jobs_end_where_their_parent_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "run"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2 and not any(map(is_gone, pids))
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 30
    while not all(map(is_gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(map(is_gone, pids))
    assert Run(tmp_path / "run").history[0]["epoch"] == 1


def is_gone(pid: int) -> bool:
    try:
        return stat(pid)[0] == "Z"
    except FileNotFoundError:
        return True

"""A run killed at any moment and resumed ends as the uninterrupted one: same weights and history to the bit."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import assert_same_variables, cnnbench, comparable_history, only_run, start, tiny, write_config


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    changes = {"train__ema": 0.9, "train__schedule": {"name": "CosineDecay", "warmup_epochs": 1}}
    return write_config(tmp_path_factory.mktemp("config"), tiny(**changes))


@pytest.fixture(scope="module")
def uninterrupted(config: Path, tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    folder = tmp_path_factory.mktemp("uninterrupted")
    done = cnnbench("train", config, cwd=folder)
    assert done.returncode == 0, done.stderr
    return RunDir(only_run(folder / "outputs"))


def assert_same_end(a: RunDir, b: RunDir) -> None:
    assert_same_variables(a.last_checkpoint, b.last_checkpoint)
    assert_same_variables(a.best_checkpoint, b.best_checkpoint)
    assert comparable_history(Run(a.path).history) == comparable_history(Run(b.path).history)
    assert a.predictions.read_bytes() == b.predictions.read_bytes()


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_killed_after_an_epoch(epoch: int, config: Path, uninterrupted: RunDir, tmp_path: Path) -> None:
    process = start("train", config, cwd=tmp_path)
    wait_for(lambda: any(len(Run(p.parent).history) >= epoch for p in tmp_path.glob("outputs/*/*/history.csv")))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    run = RunDir(only_run(tmp_path / "outputs"))
    assert Run(run.path).status["state"] == "running"
    assert Run(run.path).status["epoch"] in (epoch - 1, epoch, epoch + 1)
    done = cnnbench("train", "--resume", run.path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Run(run.path).status["state"] == "done"
    assert_same_end(run, uninterrupted)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_a_checkpoint_a_report_and_130(
    number: signal.Signals, config: Path, tmp_path: Path
) -> None:
    process = start("train", config, "train.epochs=5000", cwd=tmp_path)
    wait_for(lambda: any(tmp_path.glob("outputs/*/*/history.csv")))
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    run = RunDir(only_run(tmp_path / "outputs"))
    status = Run(run.path).status
    assert status["state"] == "interrupted"
    assert number.name in status["reason"]
    assert run.report.exists() and run.last_checkpoint.exists() and not run.metrics.exists()
    assert f"cnnbench train --resume {run.path.relative_to(tmp_path)}" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_resume_extends_the_epochs(tmp_path: Path) -> None:
    config = write_config(tmp_path, tiny())
    assert cnnbench("train", config, "train.epochs=2", cwd=tmp_path).returncode == 0
    run = RunDir(only_run(tmp_path / "outputs"))
    two, begun = Run(run.path).history, Run(run.path).status
    done = cnnbench("train", "--resume", run.path, "train.epochs=3", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = Run(run.path).status
    assert (told["data"], told["network"], begun["changes"]) == ("digits", "tiny-net", ["train.epochs=2"])
    assert (told["started"], told["changes"]) == (begun["started"], ["train.epochs=3"])
    assert json.loads(done.stdout)["status"]["epoch"] == 3
    assert "goes on   after epoch 2 of 3" in done.stderr.splitlines()
    assert Run(run.path).history[:2] == two
    whole = tmp_path / "whole"
    assert cnnbench("train", config, "--output", whole, cwd=tmp_path).returncode == 0
    assert_same_end(run, RunDir(only_run(whole)))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train.batch_size=8"], "train.batch_size would make it another experiment"),
        (["train.epochs=1"], "3 epochs are done"),
        (["--smoke"], "--name, --output and --smoke are a new one's"),
        (["--output", "elsewhere"], "--name, --output and --smoke are a new one's"),
        (["--backend", "jax"], "began on tensorflow and goes on there"),
    ],
)
def test_what_resume_refuses(arguments: list[str], expected: str, uninterrupted: RunDir, tmp_path: Path) -> None:
    before = uninterrupted.config.read_bytes()
    done = cnnbench("train", "--resume", uninterrupted.path, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert uninterrupted.config.read_bytes() == before


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    config = write_config(tmp_path, tiny(train__epochs=1))
    assert cnnbench("train", config, cwd=tmp_path).returncode == 0
    run = RunDir(only_run(tmp_path / "outputs"))
    run.last_checkpoint.write_bytes(run.last_checkpoint.read_bytes()[:1000])
    done = cnnbench("train", "--resume", run.path, "train.epochs=2", cwd=tmp_path)
    assert done.returncode == 3
    assert "last.npz: not a readable checkpoint" in done.stderr
    assert len(done.stderr.splitlines()) == 1

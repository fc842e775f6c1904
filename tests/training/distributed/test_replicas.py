"""Replicas that share a batch train as one device does: two logical devices, and two processes on this machine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cnnbench.machine.interrupt import stop_on_signals
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import (
    assert_same_variables,
    comparable_history,
    only_run,
    python,
    start,
    tiny,
    variables,
    write_config,
)
from tests.training.distributed.test_cluster import places

# Float32 sums in another order: 3e-7 was measured on weights up to 0.3 after two epochs of LeNet-5 with Adam.
TOLERANCE = 5e-6
LENET: dict[str, Any] = {
    "name": "lenet",
    "data": {"source": "digits", "image_size": 32, "subset": {"train": 403}, "test": 0.1},
    "augment": [{"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}, "MixUp"],
    "model": {"architecture": "lenet5"},
    # 323 images in batches of 25: neither a batch nor the last one of 23 divides by two.
    "train": {"epochs": 2, "batch_size": 25, "class_weight": {"1": 2.0}, "optimizer": {"name": "Adam"}},
}


def normalised(**arguments: Any) -> dict[str, Any]:
    """Return a network whose weights all have a gradient: a bias before batch normalisation would follow rounding."""
    convolution = {"Conv2D": {"filters": 4, "kernel_size": 3, "use_bias": False}}
    layers = [convolution, {"BatchNormalization": arguments}, "Flatten", "classifier"]
    return tiny(model={"layers": layers}, train__epochs=1, train__batch_size=25)


def by_time(distribute: str) -> dict[str, Any]:
    """Return a training of three seconds, its rate on its way down over them."""
    config = tiny(train__budget_minutes=0.05, train__schedule="OneCycle", train__distribute=distribute)
    del config["train"]["epochs"]
    return config


def assert_ended_by_time(run: Run) -> None:
    """Assert that a training ended with its seconds and its schedule; how exactly, a busy machine does not tell."""
    # An epoch's row has the rate that it began with, and a slow machine's last epoch begins early.
    assert 1.5 < run.history[-1]["budget_seconds"] < 6 and run.rates[-1][1] < 1e-3
    assert run.status["state"] == "done" and run.status["reason"] == "train.budget_minutes: 0.05 min are used"


ON_TWO_DEVICES = """
import json, sys
import tensorflow as tf
import cnnbench
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from cnnbench.cli.train import train
from cnnbench.errors import CnnbenchError
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import resumed
from pathlib import Path
for config, output, resume in json.load(sys.stdin):
    if resume:
        config, folder = resumed(Path(output), resume)
        execute(config, Options(resume=folder, report=False))
        continue
    try:
        cnnbench.run(config, output=output)
    except CnnbenchError as e:
        print(type(e).__name__, e)
"""


def on_two_devices(cwd: Path, *runs: tuple[dict[str, Any], str, list[str]]) -> str:
    """Run configurations one after the other in a process with two logical CPU devices; return what it prints."""
    command = [*python(), "-c", ON_TWO_DEVICES]
    done = subprocess.run(command, input=json.dumps(runs), cwd=cwd, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mirrored(config: dict[str, Any], **train: Any) -> dict[str, Any]:
    return {**config, "train": {**config["train"], "distribute": "mirrored", **train}}


def assert_close(a: RunDir, b: RunDir, tolerance: float = TOLERANCE) -> None:
    """Assert that two runs have the same history and weights but for the order of sums."""
    for one, other in zip(Run(a.path).history, Run(b.path).history, strict=True):
        for name in ("loss", "accuracy", "true_positives", "val_loss", "val_accuracy"):
            assert one[name] == pytest.approx(other[name], rel=tolerance), (name, one["epoch"])
    first, second = variables(a.last_checkpoint), variables(b.last_checkpoint)
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_allclose(value, second[name], rtol=0, atol=tolerance, err_msg=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that two devices in one process are tried with, in one process."""
    cwd = tmp_path_factory.mktemp("mirrored")
    averaged = mirrored(tiny(train__ema=0.9, train__early_stopping={"patience": 5}))
    printed = on_two_devices(
        cwd,
        (LENET, "single", []),
        (mirrored(LENET), "mirrored", []),
        (averaged, "whole", []),
        ({**averaged, "train": {**averaged["train"], "epochs": 1}}, "halves", []),
        (averaged, "halves", ["train.epochs=3"]),
        (normalised(), "one-norm", []),
        (mirrored(normalised(synchronized=True)), "synchronized", []),
        (mirrored(tiny(train__batch_size=1)), "refused", []),
        (by_time("mirrored"), "timed", []),
        (mirrored(tiny(train__batch_size=53)), "refused", []),  # 160 images: 53, 53, 53 and 1
    )
    (cwd / "printed").write_text(printed)
    return cwd


def run_in(folder: Path) -> RunDir:
    return RunDir(only_run(folder))


@pytest.mark.slow
def test_two_devices_train_as_one(folder: Path) -> None:
    one, two = run_in(folder / "single"), run_in(folder / "mirrored")
    assert_close(two, one)
    assert "trained on 2 replica(s)" in Run(two.path).status["notes"]
    assert (Run(two.path).metrics or {})["accuracy"] == (Run(one.path).metrics or {})["accuracy"]


@pytest.mark.slow
def test_synchronized_batch_normalisation_is_that_of_one_device(folder: Path) -> None:
    assert_close(run_in(folder / "synchronized"), run_in(folder / "one-norm"))


@pytest.mark.slow
def test_replicas_with_dropout_averages_and_batch_normalisation_go_on_to_the_bit(folder: Path) -> None:
    whole, halves = run_in(folder / "whole"), run_in(folder / "halves")
    assert_same_variables(whole.last_checkpoint, halves.last_checkpoint)
    assert_same_variables(whole.best_checkpoint, halves.best_checkpoint)
    assert comparable_history(Run(whole.path).history) == comparable_history(Run(halves.path).history)
    assert whole.predictions.read_bytes() == halves.predictions.read_bytes()


@pytest.mark.slow
def test_batches_too_small_to_share_are_refused_before_a_folder_is_made(folder: Path) -> None:
    too_small, rest = (folder / "printed").read_text().splitlines()
    assert too_small == "ConfigError train.batch_size: 1 is shared by 2 replicas; expected at least 2"
    assert rest.startswith("ConfigError train.batch_size: 53 leaves 1 of 160 images for the last step of an epoch")
    assert not (folder / "refused").exists()


@pytest.mark.slow
def test_two_devices_keep_to_a_budget_of_time(folder: Path) -> None:
    run = Run(run_in(folder / "timed").path)
    assert_ended_by_time(run)
    assert "trained on 2 replica(s)" in run.status["notes"]


class Pair:
    """A chief and a follower, each in a folder of its own."""

    def __init__(self, cwd: Path, chief: list[str | Path], follower: list[str | Path]) -> None:
        self.folders = [cwd / "chief", cwd / "follower"]
        addresses = [f"{host}:{port}" for host, port in places(2)[0].addresses]
        self.processes = []
        for i, arguments in enumerate((chief, follower)):
            self.folders[i].mkdir(exist_ok=True)
            place = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": i}}
            process = start("train", *arguments, cwd=self.folders[i], TF_CONFIG=json.dumps(place))
            self.processes.append(process)

    def wait_for_epochs(self, count: int) -> RunDir:
        """Return the chief's run once it has so many epochs."""
        deadline = time.monotonic() + 400
        while time.monotonic() < deadline:
            for config in self.folders[0].glob("outputs/*/*/config.yaml"):
                if len(Run(config.parent).history) >= count:
                    return RunDir(config.parent)
            assert [p.poll() for p in self.processes] == [None, None], self.ends()
            time.sleep(0.05)
        raise AssertionError("waited too long")

    def ends(self) -> list[tuple[int, str]]:
        """Return exit codes and what was printed on standard error; nobody may hang."""
        texts = [p.communicate(timeout=400)[1] for p in self.processes]
        return [(p.returncode, text) for p, text in zip(self.processes, texts, strict=True)]


@pytest.mark.slow
def test_two_processes_train_as_one_and_only_the_chief_writes(folder: Path, tmp_path: Path) -> None:
    train = {**LENET["train"], "distribute": "multi_worker"}
    config = write_config(tmp_path, {**LENET, "train": train})
    pair = Pair(tmp_path, [config], [config])
    (chief, _), (follower, told) = pair.ends()
    assert (chief, follower) == (0, 0), told
    assert told == "all epochs done after 2 finished epoch(s); worker 0 writes the run\n"
    assert list(pair.folders[1].iterdir()) == []
    run = run_in(pair.folders[0] / "outputs")
    assert_close(run, run_in(folder / "single"))
    assert "trained on 2 replica(s) in 2 process(es)" in Run(run.path).status["notes"]
    assert Run(run.path).metrics is not None and run.report.exists()


@pytest.mark.slow
def test_two_processes_end_by_the_clock_of_the_chief(tmp_path: Path) -> None:
    config = write_config(tmp_path, by_time("multi_worker"))
    pair = Pair(tmp_path, [config], [config])
    (chief, said), (follower, told) = pair.ends()
    assert (chief, follower) == (0, 0), said + told
    run = Run(run_in(pair.folders[0] / "outputs").path)
    assert_ended_by_time(run)
    end = f"train.budget_minutes: 0.05 min are used after {len(run.history)} finished epoch(s)"
    assert told == f"{end}; worker 0 writes the run\n"


def test_a_signal_that_comes_while_votes_are_counted_is_one_of_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnbench.training.distributed.replicas import Replicas

    def counted(votes: Any) -> Any:  # with those of a worker elsewhere, which has none
        signal.raise_signal(signal.SIGTERM)
        return votes

    team = Replicas(SimpleNamespace(num_replicas_in_sync=2), worker=1, workers=2, note="")
    with stop_on_signals() as stop:
        monkeypatch.setattr(team, "_sum", counted)
        assert team.agree(stop, late=False) == (None, False)
        monkeypatch.setattr(team, "_sum", lambda votes: votes)
        assert team.agree(stop, late=False) == ("SIGTERM", False)
    with stop_on_signals() as elsewhere:
        monkeypatch.setattr(team, "_sum", lambda votes: votes + np.array([0, 0, 1], np.int32))
        assert team.agree(elsewhere, late=False) == ("SIGTERM", False) and elsewhere.signal_name == "SIGTERM"


@pytest.mark.slow
def test_a_signal_to_one_stops_all_and_a_lost_worker_ends_all(tmp_path: Path) -> None:
    config = write_config(tmp_path, tiny(train__distribute="multi_worker", train__epochs=5000))
    pair = Pair(tmp_path, [config], [config])
    run = pair.wait_for_epochs(1)
    pair.processes[0].send_signal(signal.SIGSTOP)
    time.sleep(0.2)  # the follower waits for the chief now, perhaps for its vote
    pair.processes[1].send_signal(signal.SIGTERM)
    time.sleep(0.2)
    pair.processes[0].send_signal(signal.SIGCONT)
    (chief, said), (follower, told) = pair.ends()
    assert (chief, follower) == (130, 130), said + told
    before = Run(run.path).history
    assert f"interrupted by SIGTERM after {len(before)} finished epoch(s)" in said
    assert f"interrupted by SIGTERM after {len(before)} finished epoch(s)" in told
    assert Run(run.path).status["state"] == "interrupted"

    again = Pair(tmp_path, ["--resume", run.path], [config])  # the follower has no folder to go on in
    again.wait_for_epochs(len(before) + 1)
    again.processes[1].kill()
    killed = time.monotonic()
    (chief, said), _ = again.ends()
    assert time.monotonic() - killed < 60
    lost = r"error: train\.distribute: another worker is gone \(\w+Error: [^{}]+\); all end"
    assert chief == 4 and re.match(lost, said)
    assert len(said.splitlines()) == 1
    assert comparable_history(Run(run.path).history)[: len(before)] == comparable_history(before)
    assert Run(run.path).status["state"] == "failed" and "another worker is gone" in Run(run.path).status["reason"]
    assert list(pair.folders[1].iterdir()) == []


@pytest.mark.slow
def test_stages_on_two_devices_are_those_of_one(tmp_path: Path) -> None:
    """Frozen layers, layers with a rate of their own, and masks: no two weights are as close as the sums differ."""
    step = {"after_epochs": 1, "layers": ["conv2d_2", "dense_*"], "learning_rate": 0.002}
    frozen = {**LENET["train"], "unfreeze": step, "learning_rate_factors": {"dense_1": 0.1}}
    freed = {**LENET, "model": {**LENET["model"], "freeze": "base"}, "train": frozen}
    dsd = {"sparsity": 0.5, "dense_epochs": 1, "sparse_epochs": 1, "final_learning_rate": 1e-4}
    pruned = {**LENET, "train": {**LENET["train"], "epochs": 3, "dense_sparse_dense": dsd}}
    norm = normalised()
    norm["model"]["freeze"] = "base"
    runs = {"freed": freed, "pruned": pruned}
    single = [(config, f"{name}-one", []) for name, config in runs.items()]
    both = [(mirrored(config), f"{name}-two", []) for name, config in runs.items()]
    assert on_two_devices(tmp_path, *single, *both, (mirrored(norm), "norm", [])) == ""
    for name in runs:
        # A new optimizer's first steps are as large for a tiny gradient: 7e-6 was measured.
        assert_close(run_in(tmp_path / f"{name}-one"), run_in(tmp_path / f"{name}-two"), 2e-5)
    moving = variables(run_in(tmp_path / "norm").last_checkpoint)
    (mean,) = (value for name, value in moving.items() if name.endswith("moving_mean"))
    assert not mean.any()

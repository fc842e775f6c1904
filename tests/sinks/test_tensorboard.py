from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnbench.errors import PrunedRun
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.tracked import go_on, train
from tests.tools import start, write_config
from tests.tools import tiny as tiny_config

pytestmark = pytest.mark.drawn

tensorboard = pytest.importorskip("tensorboard")


def read(run: RunDir):
    """Return TensorBoard's own view of a run, with every point kept."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    everything = dict.fromkeys(("scalars", "tensors", "images"), 0)
    found = EventAccumulator(str(run.path / "tensorboard"), size_guidance=everything)
    found.Reload()
    return found


def values(found, tag):
    """Return step and value of every point of a tag."""
    from tensorboard.util.tensor_util import make_ndarray

    return [(event.step, make_ndarray(event.tensor_proto).tolist()) for event in found.Tensors(tag)]


def texts(found, tag):
    ((_, value),) = values(found, tag)
    return (value if isinstance(value, bytes) else value[0]).decode()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(tmp_path_factory.mktemp("outputs"), "tensorboard", train__epochs=3, report=True)


@pytest.fixture(scope="module")
def found(run):
    return read(run)


def test_epochs_are_those_of_the_history(run, found):
    history = Run(run.path).history
    assert len(history) == 3
    for tag, column in {
        "loss/train": "loss",
        "loss/validation": "val_loss",
        "accuracy/validation": "val_accuracy",
        "learning_rate/train": "learning_rate",
    }.items():
        steps = [(step, np.float32(value)) for step, value in values(found, tag)]
        assert steps == [(int(row["epoch"]), np.float32(row[column])) for row in history]
    when = [event.wall_time for event in found.Tensors("loss/train")]
    assert when == sorted(when)


def test_test_results_come_once_at_the_end(run, found):
    metrics = Run(run.path).metrics
    tags = [tag for tag in found.Tags()["tensors"] if tag.startswith("test/")]
    assert {"test/accuracy", "test/macro.f1", "test/log_loss", "test/parameters.total"} <= set(tags)
    ((step, accuracy),) = values(found, "test/accuracy")
    assert (step, np.float32(accuracy)) == (3, np.float32(metrics["accuracy"]))
    last_epoch = found.Tensors("loss/train")[-1].wall_time
    assert all(event.wall_time >= last_epoch for tag in tags for event in found.Tensors(tag))


def test_every_plot_is_an_image_that_opens(run, found):
    plots = sorted(run.plots.glob("*.png"))
    assert plots
    assert {tag for tag in found.Tags()["tensors"] if tag.startswith("plots/")} == {f"plots/{p.stem}" for p in plots}
    for plot in plots:
        ((_, (width, height, png)),) = values(found, f"plots/{plot.stem}")
        assert png == plot.read_bytes()
        assert (int(width), int(height)) == Image.open(io.BytesIO(png)).size


def test_configuration_state_and_settings_are_there(run, found):
    shown = texts(found, "config.yaml")
    assert [line[4:] for line in shown.splitlines()] == run.config.read_text().splitlines()
    assert texts(found, "status").strip() == "done: all epochs done"
    plugin = found.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    settings = HParamsPluginData.FromString(plugin).session_start_info.hparams
    assert settings["train.optimizer.learning_rate"].number_value == 0.01
    assert settings["model.name"].string_value == "tiny-net"
    ended = HParamsPluginData.FromString(found.SummaryMetadata("_hparams_/session_end_info").plugin_data.content)
    assert ended.session_end_info.status == 1, "STATUS_SUCCESS"


def test_the_network_can_be_drawn(found):
    from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

    graph = keras_model_to_graph_def(json.loads(texts(found, "keras")))
    kinds = {node.attr["keras_class"].s for node in graph.node}
    assert {b"InputLayer", b"Flatten", b"Dense"} <= kinds


def test_going_on_adds_what_is_missing_and_nothing_twice(tmp_path):
    run = train(tmp_path, "tensorboard")
    first = values(read(run), "loss/train")
    go_on(run, 4)  # it remembers
    found = read(run)
    assert len(list((run.path / "tensorboard").iterdir())) == 1
    assert values(found, "loss/train")[:2] == first
    assert [step for step, _ in values(found, "loss/train")] == [1, 2, 3, 4]
    assert [step for step, _ in values(found, "test/accuracy")] == [4]


def test_without_the_option_nothing_is_written(tmp_path):
    run = train(tmp_path)
    assert not (run.path / "tensorboard").exists()
    assert not (run.path / "mlflow.json").exists()


def test_a_disk_that_is_full_in_between_costs_nothing(tmp_path, monkeypatch):
    from cnnbench.sinks import tracked
    from cnnbench.sinks.tensorboard import TensorBoard

    monkeypatch.setattr(tracked, "PAUSE", 0.0)
    record, writes = TensorBoard._record, []

    def full(self, event):
        writes.append(event)
        if len(writes) == 8:
            self._file.write(b"torn")
            raise OSError(28, "No space left on device")
        record(self, event)

    monkeypatch.setattr(TensorBoard, "_record", full)
    run = train(tmp_path, "tensorboard")
    assert [step for step, _ in values(read(run), "loss/train")] == [1, 2]
    note = "tensorboard: could not be written ([Errno 28] No space left on device); in the end it got everything"
    assert Run(run.path).status["notes"][-1] == note


def test_a_pruned_run_says_so(tmp_path):
    from cnnbench.config.load import load_config
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options
    from cnnbench.sinks.tracked import tracking
    from cnnbench.training.observer import Silent
    from tests.builders.tracked import small

    class Judge(Silent):
        def on_epoch(self, progress, row):
            raise PrunedRun("pruned after epoch 1 of 2")

    with pytest.raises(PrunedRun):
        execute(load_config(small()), Options(output=tmp_path, watch=tracking(["tensorboard"]), observer=Judge()))
    (config,) = tmp_path.glob("*/*/config.yaml")
    found = read(RunDir(config.parent))
    assert texts(found, "status").strip() == "pruned: pruned after epoch 1 of 2"
    assert [step for step, _ in values(found, "loss/train")] == [1]
    assert not any(tag.startswith("test/") for tag in found.Tags()["tensors"])


def test_an_interrupted_run_says_so(tmp_path):
    write_config(tmp_path, tiny_config(name="long", train__epochs=100_000))
    training = start("train", "long.yaml", "--track", "tensorboard", cwd=tmp_path)
    try:
        for line in training.stdout:
            if line.startswith("epoch"):
                break
        training.send_signal(2)
        _, err = training.communicate(timeout=120)
    finally:
        training.kill()
    assert training.returncode == 130, err
    (config,) = (tmp_path / "outputs").glob("*/*/config.yaml")
    run = RunDir(config.parent)
    found = read(run)
    assert texts(found, "status").strip() == "interrupted: interrupted by SIGINT"
    assert len(values(found, "loss/train")) == len(Run(run.path).history) > 0


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Blocked())
from pathlib import Path
from cnnbench.config.load import load_config
from cnnbench.runs.folder import RunDir
from cnnbench.sinks.tensorboard import TensorBoard
from cnnbench.runs.run import Run
run = RunDir(Path(sys.argv[1]))
sink = TensorBoard(run, load_config(run.config))
sink.update(Run(run.path).history[:1])
sink.finish(Run(run.path).history)
"""


def test_it_needs_no_tensorflow(run, found, tmp_path):
    import shutil

    copy = RunDir(Path(shutil.copytree(run.path, tmp_path / "run")))
    root = str(Path(__file__).parent.parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    subprocess.run([sys.executable, "-c", BLOCKED, str(copy.path)], check=True, env=environment)
    again = read(copy)
    assert again.Tags()["tensors"] == found.Tags()["tensors"]
    assert values(again, "loss/train") == values(found, "loss/train")

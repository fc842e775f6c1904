from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import cnnbench
from cnnbench.config.load import load_config
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.errors import ConfigError
from cnnbench.experiment.result import Result
from cnnbench.runs.run import Run
from cnnbench.training.dead_units import WatchDeadUnits, told
from tests.tools import tiny

BIAS = {"Constant": {"value": -1000.0}}
LAYERS: list[Any] = [
    {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu", "name": "seen"}},
    {"Conv2D": {"filters": 3, "kernel_size": 3, "name": "plain"}},
    {"ReLU": {"name": "rectified"}},
    "Flatten",
    {"Dense": {"units": 5, "activation": "relu", "bias_initializer": BIAS, "name": "planted"}},
    "classifier",
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Two epochs of a network one of whose layers is dead from the first step on."""
    config = tiny(name="dead", train__epochs=2, train__watch_dead_units=True, model__layers=LAYERS)
    return cnnbench.run(config, output=tmp_path_factory.mktemp("outputs"))


@pytest.mark.drawn
def test_a_planted_dead_layer_is_found_and_told_of(result: Result) -> None:
    rows = Run(result.path).dead_units
    assert [list(row) for row in rows] == [["epoch", "seen", "rectified", "planted"]] * 2
    assert [row["planted"] for row in rows] == [1, 1] and [row["epoch"] for row in rows] == [1, 2]
    assert all(row["seen"] < 1 and row["rectified"] < 1 for row in rows)
    (note,) = (note for note in result.status["notes"] if note.startswith("dead units"))
    assert note.startswith("dead units after epoch 2, 0 for all watched training images: 100.0 % of planted")
    assert "of layers with a relu that gave 0" in result.report.read_text()
    assert not any("dead" in name for row in result.history for name in row)


def test_going_on_adds_to_what_was_watched(result: Result) -> None:
    before = Run(result.path).dead_units
    config = load_config(result.path / "config.yaml", ["train.epochs=3"])
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options

    execute(config, Options(resume=result.path, report=False))
    after = Run(result.path).dead_units
    assert list(after[:2]) == list(before) and len(after) == 3 and after[2]["planted"] == 1


def test_a_unit_is_dead_where_it_is_zero_everywhere_in_all_images() -> None:
    inputs = keras.Input((2, 2, 3))
    kernel = np.diag([1.0, -1.0, 1.0]).reshape(1, 1, 3, 3)  # the second channel turns negative
    convolution = keras.layers.Conv2D(3, 1, use_bias=False, activation="relu", name="maps")
    model = keras.Model(inputs, keras.layers.LeakyReLU(name="leaks")(convolution(inputs)))
    convolution.set_weights([kernel])
    images = np.zeros((70, 2, 2, 3), np.float32)  # two batches
    images[:, :, :, 1] = 5
    images[69, 1, 0, 0] = 1  # one pixel of the last image alone keeps the first channel alive
    split = Split(ArrayStore(images), np.arange(70), np.zeros(70, np.int64))
    logs: dict[str, float] = {}
    WatchDeadUnits(model, split).on_epoch_end(0, logs)
    assert logs == {"dead_units/maps": pytest.approx(2 / 3)}


SAID = "0 for all watched training images"


def test_what_is_told_is_the_worst() -> None:
    shares = {"a": 0.0, "b": 0.1, "c": 0.4, "d": 0.2, "e": 0.3}
    row = {"epoch": 4.0, "loss": 0.5, **{f"dead_units/{name}": share for name, share in shares.items()}}
    (line,) = told([row])
    assert line == f"dead units after epoch 4, {SAID}: 40.0 % of c, 30.0 % of e, 20.0 % of d and some of 1 more layers"
    assert told([{"epoch": 1.0, "dead_units/a": 0.0}]) == [f"dead units after epoch 1, {SAID}: none"]
    assert told([{"epoch": 1.0, "loss": 0.5}]) == told([]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model__layers": ["Flatten", "classifier"]}, "has no effect: no layer of the network has a relu"),
        ({"train__distribute": "mirrored"}, "cannot be given together with train.distribute"),
    ],
)
def test_what_cannot_be_watched_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=rf"train\.watch_dead_units: {said}"):
        load_config(tiny(train__watch_dead_units=True, **changes))

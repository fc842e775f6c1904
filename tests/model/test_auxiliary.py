"""Auxiliary heads: their losses count while training, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import cnnbench
from cnnbench.config.architecture import load_architecture
from cnnbench.config.network.nodes import Auxiliary
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand
from cnnbench.errors import ConfigError
from cnnbench.model.auxiliary import with_heads
from cnnbench.model.builder import build_with_heads
from tests.builders.networks import normalization
from tests.tools import tiny

CONV: dict[str, Any] = {"Conv2D": {"filters": 3, "kernel_size": 3, "activation": "relu"}}
OWN = {"Dense": {"units": "$classes", "activation": "softmax", "name": "own"}}


def layers(weight: float) -> list[Any]:
    head = {"auxiliary": {"weight": weight, "layers": ["GlobalAveragePooling2D", OWN]}}
    return [CONV, head, "Flatten", "classifier"]


def data() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.uniform(0, 255, (6, 8, 8, 3)).astype(np.float32), np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]


def test_the_loss_of_a_step_holds_that_of_the_head_and_the_loss_of_validation_does_not() -> None:
    model, heads = build_with_heads(expand(layers(0.25)), (8, 8, 3), 3, normalization(3), 0, "small")
    trained = with_heads(model, heads)
    loss = keras.losses.CategoricalCrossentropy()
    trained.compile(optimizer=keras.optimizers.SGD(0.0), loss=loss, metrics=["accuracy"])
    images, labels = data()
    own, other = (float(loss(labels, given)) for given in trained(images))
    assert trained.evaluate(images, labels, verbose=0, return_dict=True)["loss"] == pytest.approx(own, rel=1e-5)
    step = trained.train_on_batch(images, labels, return_dict=True)
    assert step["loss"] == pytest.approx(own + 0.25 * other, rel=1e-5)


def test_the_head_learns_and_the_layers_before_it_learn_from_it() -> None:
    model, heads = build_with_heads(expand(layers(0.25)), (8, 8, 3), 3, normalization(3), 0, "small")
    trained = with_heads(model, heads)
    trained.compile(optimizer=keras.optimizers.SGD(0.1), loss=keras.losses.CategoricalCrossentropy())
    model.get_layer("logits").trainable = False
    before = [np.array(trained.get_layer(name).weights[0]) for name in ("own", "conv2d_1")]
    trained.train_on_batch(*data())
    for name, was in zip(("own", "conv2d_1"), before, strict=True):
        assert not np.array_equal(trained.get_layer(name).weights[0], was)


def test_a_run_saves_and_counts_the_network_alone(tmp_path: Path) -> None:
    def trained(weight: float) -> cnnbench.Result:
        model = {"name": "tiny", "layers": layers(weight)}
        return cnnbench.run(tiny(model=model, train__epochs=2), output=tmp_path, progress=False)

    helped, plain = trained(0.5), trained(0.0)
    assert [layer.name for layer in helped.load_model().layers] == [layer.name for layer in plain.load_model().layers]
    assert helped.metrics["parameters"] == plain.metrics["parameters"]
    assert helped.history[-1]["loss"] != plain.history[-1]["loss"]
    images = np.full((2, 8, 8, 1), 100, np.uint8)
    assert helped.predict(images).shape == (2, 10)


def test_a_head_has_to_tell_classes_apart() -> None:
    nodes = expand([CONV, {"auxiliary": {"weight": 1, "layers": ["Flatten"]}}, "Flatten", "classifier"])
    with pytest.raises(ConfigError, match=r"auxiliary: an auxiliary head must end with a probability for each class"):
        infer(nodes, (8, 8, 3), 3)
    with pytest.raises(ConfigError, match=r"weight: expected a number >= 0, found -1"):
        expand([CONV, {"auxiliary": {"weight": -1, "layers": ["Flatten", OWN]}}, "Flatten", "classifier"])


def test_googlenet_has_its_two_heads_where_they_are_asked_for() -> None:
    net = load_architecture("googlenet")
    assert net.parameters is not None
    published = expand(net.layers, net.blocks, {**net.parameters, "auxiliary": 0.3})
    assert [node.weight for node in published if isinstance(node, Auxiliary)] == [0.3, 0.3]
    rows = infer(published, (224, 224, 3), 1000)
    assert sum(row.parameters for row in rows) == 6_998_552
    assert not any(isinstance(node, Auxiliary) for node in expand(net.layers, net.blocks, net.parameters))

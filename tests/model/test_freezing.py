"""Frozen layers of a built network give the same for the same images, in training as in inference."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.spec import expand
from cnnbench.data.normalize import Normalization
from cnnbench.model.builder import build
from cnnbench.model.freezing import freeze, still, strengths_of
from cnnbench.model.summary import summarize

DRAWING = [{"Dropout": {"rate": 0.5}}, {"GaussianNoise": {"stddev": 1.0}}, {"SpatialDropout2D": {"rate": 0.5}}]
MORE = [{"AlphaDropout": {"rate": 0.5}}, {"GaussianDropout": {"rate": 0.5}}]
CONV = {"Conv2D": {"filters": 4, "kernel_size": 3, "bias_initializer": "ones"}}
NODES = expand([*DRAWING, CONV, "BatchNormalization", *MORE, CONV, "Flatten", {"Dropout": {"rate": 0.5}}, "classifier"])
BASE = frozen_layers(NODES, "base")


def network() -> Any:
    return build(NODES, (8, 8, 1), 3, Normalization((1.0,), (0.0,)), 0, "net")


def outputs(model: Any, layer: str) -> list[Any]:
    images = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 1)).astype(np.float32)
    part = keras.Model(model.input, model.get_layer(layer).output)
    return [np.asarray(part(images, training=training)) for training in (False, True, True)]


def test_a_frozen_base_is_the_same_function_in_training() -> None:
    model = network()
    strengths = strengths_of(model)
    freeze(model, BASE)
    still(strengths, BASE)
    inference, *training = outputs(model, BASE[-1])
    for features in training:
        np.testing.assert_array_equal(features, inference)
    np.testing.assert_array_equal(model.get_layer("batch_normalization_1").moving_mean, np.zeros(4))
    first, second = outputs(model, "dropout_2")[1:]
    assert not np.array_equal(first, second)  # the head draws


def test_what_is_not_frozen_any_more_is_as_it_was_built() -> None:
    model, fresh = network(), network()
    strengths = strengths_of(model)
    assert len(strengths) == len(DRAWING) + len(MORE) + 1
    for frozen in (BASE, ()):
        freeze(model, frozen)
        still(strengths, frozen)
    assert model.get_config() == fresh.get_config()
    first, second = outputs(model, BASE[-1])[1:]
    assert not np.array_equal(first, second)


def test_the_summary_counts_what_learns() -> None:
    model = network()
    before = summarize(model).parameters
    freeze(model, BASE)
    after = summarize(model).parameters
    assert after["total"] == before["total"]
    assert after["trainable"] == 64 * 3 + 3 < before["trainable"]


def test_what_draws_inside_of_a_layer_is_stilled_with_it() -> None:
    images = np.ones((2, 50), np.float32)
    inner = keras.Sequential([keras.Input((50,)), keras.layers.Dropout(0.5)], name="inner")
    model = keras.Model(inputs := keras.Input((50,)), inner(inputs))
    strengths = strengths_of(model)
    still(strengths, ["inner"])
    np.testing.assert_array_equal(model(images, training=True), images)
    still(strengths, ())
    assert not np.array_equal(model(images, training=True), images)

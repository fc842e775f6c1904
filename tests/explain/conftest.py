"""Networks whose answer is known, and the same one in Keras and in plain NumPy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Model
from cnnbench.data.normalize import Normalization
from cnnbench.explain.subjects.keras_network import KerasSubject
from cnnbench.explain.subjects.plain import PlainSubject
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.trained import PlainTrained
from cnnbench.model import builder

SIDE, CORNER = 12, 4
UNIT = Normalization((1 / 255,), (0.0,))


def built(layers: list[Any], shape: tuple[int, int, int], classes: int, constants: Normalization) -> Any:
    """Return a Keras network of layers given as a file would have them."""
    return builder.build(network_of(Model(layers=layers)), shape, classes, constants, 0, "known")


@pytest.fixture(scope="session")
def corner() -> KerasSubject:
    """Class 1 is the more probable the brighter the pixels of the upper left corner, and depends on nothing else."""
    one = {"Conv2D": {"filters": 1, "kernel_size": 1, "use_bias": False, "activation": "relu"}}
    model = built([one, "Flatten", "classifier"], (SIDE, SIDE, 1), 2, UNIT)
    weights = np.zeros((SIDE, SIDE, 2), np.float32)
    weights[:CORNER, :CORNER, 1] = 0.5
    model.get_layer("conv2d_1").set_weights([np.ones((1, 1, 1, 1))])
    model.get_layer("logits").set_weights([weights.reshape(-1, 2), np.array([0.0, -4.0])])
    return KerasSubject(TrainedNetwork(model))


@pytest.fixture(scope="session")
def bright() -> KerasSubject:
    """Class 1 is for bright pixels and class 0 for dark ones, wherever they are: a map of each, averaged."""
    convolution = {"Conv2D": {"filters": 2, "kernel_size": 1, "activation": "relu"}}
    layers = [convolution, {"MaxPooling2D": {"pool_size": 2}}, "GlobalAveragePooling2D", "classifier"]
    model = built(layers, (SIDE, SIDE, 1), 2, UNIT)
    model.get_layer("conv2d_1").set_weights([np.array([[[[-1.0, 1.0]]]]), np.array([0.5, -0.5])])
    model.get_layer("logits").set_weights([8 * np.eye(2), np.zeros(2)])
    return KerasSubject(TrainedNetwork(model))


LAYERS: list[Any] = [
    {"Conv2D": {"filters": 6, "kernel_size": 3, "padding": "same", "activation": "relu"}},
    "BatchNormalization",
    {"MaxPooling2D": {"pool_size": 2}},
    {"Conv2D": {"filters": 5, "kernel_size": 3, "activation": "relu"}},
    {"Dropout": {"rate": 0.5}},
    "Flatten",
    {"Dense": {"units": 9, "activation": "relu"}},
    "classifier",
]
SHAPE, CLASSES = (9, 8, 3), 4
CONSTANTS = Normalization((1 / 255, 1 / 200, 1 / 255), (-0.5, -0.4, -0.3))


@pytest.fixture(scope="session")
def both() -> tuple[KerasSubject, PlainSubject]:
    """The same network with the same weights, drawn larger than usual so that classes differ."""
    model = built(LAYERS, SHAPE, CLASSES, CONSTANTS)
    rng = np.random.default_rng(0)
    model.set_weights([value + rng.normal(0, 0.2, value.shape) ** 2 for value in model.get_weights()])
    plain = build(network_of(Model(layers=LAYERS)), SHAPE, CLASSES, CONSTANTS, 0)
    named = {variable.path: keras.ops.convert_to_numpy(variable) for variable in model.weights}
    plain.put({name: next(v for path, v in named.items() if path.endswith(name)) for name in plain.state})
    return KerasSubject(TrainedNetwork(model)), PlainSubject(PlainTrained(plain))


@pytest.fixture
def noise() -> np.ndarray:
    """Images of random pixels, (5, 9, 8, 3)."""
    return np.random.default_rng(1).integers(0, 256, (5, *SHAPE)).astype(np.float32)

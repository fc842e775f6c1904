"""The same network in Keras, on the same weights: outputs, gradients and five steps of every optimizer agree."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnbench.config.losses import LOSSES
from cnnbench.config.network.spec import network_of
from cnnbench.config.optimizer import Optimizer
from cnnbench.config.plain_network import LOSSES as KNOWN
from cnnbench.config.schedules import SCHEDULES
from cnnbench.config.schema import Model, Train
from cnnbench.data.normalize import Normalization
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.initializers import drawn
from cnnbench.learners.numpy.losses import loss_of
from cnnbench.learners.numpy.network import Network
from cnnbench.learners.numpy.optimizers import optimizer_of
from cnnbench.model import builder
from cnnbench.training.compile import build_loss, learning_rate
from cnnbench.training.plain_schedules import rate_of

TOLERANCE = 1e-5
SHAPE, CLASSES, STEPS = (9, 8, 3), 4, 5
SCALING = Normalization((1 / 255, 1 / 200, 1 / 255), (-0.5, -0.4, -0.3))


def conv(filters: int, size: int = 3, **arguments: Any) -> dict[str, Any]:
    return {"Conv2D": {"filters": filters, "kernel_size": size, **arguments}}


LAYERS = [
    conv(8, padding="same", strides=2, use_bias=False),
    {"BatchNormalization": {"momentum": 0.9}},
    {"ReLU": {"max_value": 6.0}},
    {"residual": {"layers": [conv(8, padding="same", groups=2, activation="tanh")], "activation": "leaky_relu"}},
    {"residual": {"layers": [conv(4, padding="same")], "shortcut": [conv(4, 1)], "activation": "relu"}},
    {
        "branches": {
            "merge": "Concatenate",
            "paths": [
                [{"MaxPooling2D": {"pool_size": 3, "strides": 1, "padding": "same"}}],
                [{"AveragePooling2D": {"pool_size": 3, "strides": 1, "padding": "same"}}, {"LeakyReLU": {}}],
                [conv(3, 2, padding="same", activation="sigmoid", kernel_initializer="he_normal")],
            ],
        }
    },
    {"branches": {"merge": "Multiply", "paths": [[], [{"GlobalAveragePooling2D": {"keepdims": True}}, conv(11, 1)]]}},
    {"ZeroPadding2D": {"padding": [[1, 0], [0, 2]]}},
    {"MaxPooling2D": {"pool_size": 2}},
    "Flatten",
    {"Dense": {"units": 12, "activation": "relu"}},
    "BatchNormalization",
    "classifier",
]


@pytest.fixture(scope="module")
def batches() -> tuple[np.ndarray, np.ndarray]:
    g = np.random.default_rng(0)
    labels = np.eye(CLASSES, dtype=np.float32)[g.integers(0, CLASSES, (STEPS, 6))]
    return g.integers(0, 256, (STEPS, 6, *SHAPE)).astype(np.float32), labels


@pytest.fixture(scope="module")
def in_keras() -> Any:
    return builder.build(network_of(Model(layers=LAYERS)), SHAPE, CLASSES, SCALING, 0, "same")


def plain() -> Network:
    return build(network_of(Model(layers=LAYERS)), SHAPE, CLASSES, SCALING, seed=3)


def give(network: Network, model: Any) -> None:
    """Put the weights of one network into the other, by their names."""
    for name, value in network.state.items():
        layer, _, weight = name.partition("/")
        (variable,) = [v for v in model.get_layer(layer).weights if v.name == weight]
        variable.assign(value)


def values(model: Any, network: Network) -> dict[str, np.ndarray]:
    """Return Keras' weights by the names of the others."""
    found = {f"{layer.name}/{v.name}": np.asarray(v) for layer in model.layers for v in layer.weights}
    return {name: found[name] for name in network.state}


@pytest.mark.parametrize("name", KNOWN)
def test_outputs_and_gradients(name: str, in_keras: Any, batches: tuple[np.ndarray, np.ndarray]) -> None:
    network, (images, targets) = plain(), (part[0] for part in batches)
    give(network, in_keras)
    assert network(images) == pytest.approx(np.asarray(in_keras(images)), abs=TOLERANCE)

    smoothing = {} if name == "mean_squared_error" else {"label_smoothing": 0.1}
    loss, weights = LOSSES[name](name=name, **smoothing), np.array([1, 0, 2, 1, 1, 0.5], np.float32)
    probabilities, lost = network.learn(images, targets, loss_of(loss), weights)
    with tf.GradientTape() as tape:
        expected = in_keras(images, training=True)
        # A copy: behind a softmax Keras takes its input, on TensorFlow, and the sigmoid of that for a binary loss.
        keras_loss = build_loss(loss)(targets, tf.identity(expected), sample_weight=weights)
    assert probabilities == pytest.approx(np.asarray(expected), abs=TOLERANCE)
    assert lost == pytest.approx(float(keras_loss), abs=TOLERANCE)
    variables = in_keras.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(keras_loss, [v.value for v in variables]), strict=True):
        assert network.gradients[variable.path] == pytest.approx(np.asarray(gradient), abs=TOLERANCE), variable.path


def keras_step(model: Any, images: np.ndarray, targets: np.ndarray) -> None:
    with tf.GradientTape() as tape:
        loss = keras.losses.CategoricalCrossentropy()(targets, model(images, training=True))
    model.optimizer.apply(tape.gradient(loss, [v.value for v in model.trainable_variables]), model.trainable_variables)


OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "SGD", "learning_rate": 0.02, "weight_decay": 0.01, "clipvalue": 0.02},
    {"name": "SGD", "learning_rate": 0.02, "momentum": 0.9, "clipnorm": 0.1},
    {"name": "SGD", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True, "global_clipnorm": 0.5},
    {"name": "RMSprop", "rho": 0.8, "epsilon": 1e-3},
    {"name": "RMSprop", "momentum": 0.5, "centered": True, "epsilon": 1e-3},
    {"name": "Adagrad", "learning_rate": 0.02},
    {"name": "Adam", "learning_rate": 0.002, "epsilon": 1e-3},
    {"name": "Adam", "learning_rate": 0.002, "amsgrad": True, "beta_1": 0.8, "epsilon": 1e-3, "weight_decay": 0.01},
]


@pytest.mark.parametrize("arguments", OPTIMIZERS, ids=lambda each: "-".join(map(str, each)))
def test_five_steps(arguments: dict[str, Any], in_keras: Any, batches: tuple[np.ndarray, np.ndarray]) -> None:
    network, configured = plain(), Optimizer(**arguments)
    give(network, in_keras)
    optimizer = optimizer_of(configured, lambda step: configured.arguments["learning_rate"], network.weights)
    in_keras.optimizer = getattr(keras.optimizers, configured.name)(**configured.arguments)
    for images, targets in zip(*batches, strict=True):
        network.learn(images, targets, loss_of(Train().loss))
        optimizer.apply(network.weights, network.gradients)
        keras_step(in_keras, images, targets)
    for name, value in values(in_keras, network).items():
        assert network.state[name] == pytest.approx(value, abs=TOLERANCE), name


@pytest.mark.parametrize(
    "schedule",
    [
        *({"name": name} for name, kind in SCHEDULES.items() if kind.within_epochs),
        {"name": "CosineDecay", "warmup_epochs": 1.5, "alpha": 0.1},
        {"name": "PolynomialDecay", "power": 2.0, "end_learning_rate": 0.001},
        {"name": "StepDecay", "step_epochs": [1.0, 2.5], "factor": 0.5},
        {"name": "StepDecay", "step_epochs": 1.0},
    ],
    ids=str,
)
def test_rates(schedule: dict[str, Any]) -> None:
    train = Train.model_validate(
        {"epochs": 4, "optimizer": {"name": "Adam", "learning_rate": 0.01}, "schedule": schedule}
    )
    ours, keras_rate = rate_of(train.schedule, 0.01, 10, 4), learning_rate(train, 10)
    assert [ours(step) for step in range(40)] == pytest.approx(
        [float(keras_rate(step)) for step in range(40)], rel=1e-5, abs=1e-8
    )


@pytest.mark.parametrize(
    "described",
    [
        *(
            "glorot_uniform",
            "GlorotNormal",
            "he_uniform",
            "he_normal",
            "lecun_uniform",
            "lecun_normal",
            "zeros",
            "ones",
        ),
        *({"RandomNormal": {"mean": 0.5}}, {"TruncatedNormal": {"stddev": 0.2}}, {"RandomUniform": {"maxval": 0.3}}),
        *({"Constant": {"value": 0.7}}, {"VarianceScaling": {"mode": "fan_out", "distribution": "untruncated_normal"}}),
    ],
    ids=str,
)
def test_first_weights_are_of_keras_distributions(described: Any) -> None:
    """The numbers are NumPy's own; their mean, deviation and bounds are Keras'."""
    shape = (3, 3, 40, 50)
    [(name, args)] = described.items() if isinstance(described, dict) else [(described, {})]
    theirs = np.asarray(keras.initializers.get({"class_name": name, "config": args} if args else name)(shape))
    ours = drawn(described, shape, np.random.default_rng(0))
    assert (ours.dtype, ours.shape) == (np.float32, shape)
    for measure in (np.mean, np.std):
        assert measure(ours) == pytest.approx(measure(theirs), abs=0.04 * float(np.std(theirs)) + 1e-7)
    if "normal" not in name.lower() and "distribution" not in args:
        assert (ours.min(), ours.max()) == pytest.approx((theirs.min(), theirs.max()), rel=2e-3)

"""Every layer's gradients against finite differences, and the convolution against one that a paper worked out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator

from cnnbench.learners.numpy import losses
from cnnbench.learners.numpy.activations import ReLU, Sigmoid, Softmax, Tanh
from cnnbench.learners.numpy.convolution import Convolution
from cnnbench.learners.numpy.dense import Dense, Dropout, Flatten, ZeroPadding
from cnnbench.learners.numpy.layer import Array, Layer
from cnnbench.learners.numpy.normalization import BatchNormalization
from cnnbench.learners.numpy.pooling import AveragePooling, GlobalAveragePooling, GlobalMaxPooling, MaxPooling
from cnnbench.learners.numpy.structure import Branches, Chain

STEP, TOLERANCE = 1e-6, 1e-7
MAPS, VECTOR = (2, 5, 6, 4), (3, 5)  # of images, rows, columns, channels; of images, values
Make = Callable[[Generator], Layer]


def convolution(kernel: tuple[int, ...], strides: tuple[int, int], mode: str, groups: int) -> Make:
    return lambda g: Convolution(
        {"kernel": g.normal(size=kernel), "bias": g.normal(size=kernel[3])}, strides, mode, groups
    )


def dense(g: Generator) -> Layer:
    return Dense({"kernel": g.normal(size=(5, 4)), "bias": g.normal(size=4)})


def normalization(g: Generator) -> Layer:
    learnt = {"gamma": g.normal(size=4), "beta": g.normal(size=4)}
    return BatchNormalization(learnt, {"moving_mean": np.zeros(4), "moving_variance": np.ones(4)}, 0.9, 1e-3)


def small(g: Generator) -> Chain:
    """Return a path that gives maps of one channel, of which the others are repetitions."""
    return Chain([Convolution({"kernel": g.normal(size=(1, 1, 4, 1))}, (1, 1), "valid", 1)])


def branches(merge: str) -> Make:
    same = convolution((3, 3, 4, 4), (1, 1), "same", 1)
    other = small if merge == "Multiply" else lambda g: Chain([])
    return lambda g: Branches(merge, [Chain([same(g), Tanh()]), other(g), Chain([same(g)])])


LAYERS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "convolution": (convolution((3, 2, 4, 3), (1, 1), "valid", 1), MAPS),
    "convolution, same": (convolution((3, 3, 4, 3), (1, 1), "same", 1), MAPS),
    "convolution, strides that leave a rest": (convolution((2, 3, 4, 3), (2, 2), "valid", 1), MAPS),
    "convolution, strides, same, groups": (convolution((3, 3, 2, 6), (2, 3), "same", 2), MAPS),
    "convolution, depthwise": (convolution((3, 3, 1, 4), (1, 1), "same", 4), MAPS),
    "maximum": (lambda g: MaxPooling((2, 2), (2, 2), "valid"), MAPS),
    "maximum, overlapping, same": (lambda g: MaxPooling((3, 3), (2, 2), "same"), MAPS),
    "average": (lambda g: AveragePooling((2, 3), (2, 3), "valid"), MAPS),
    "average, overlapping, same": (lambda g: AveragePooling((3, 2), (2, 1), "same"), MAPS),
    "global average": (lambda g: GlobalAveragePooling(), MAPS),
    "global maximum": (lambda g: GlobalMaxPooling(keep=True), MAPS),
    "dense": (dense, VECTOR),
    "flatten": (lambda g: Flatten(), MAPS),
    "zero padding": (lambda g: ZeroPadding(((1, 2), (0, 3))), MAPS),
    "batch normalisation": (normalization, MAPS),
    "relu": (lambda g: ReLU(largest=0.5), VECTOR),
    "leaky relu": (lambda g: ReLU(0.3), VECTOR),
    "tanh": (lambda g: Tanh(), VECTOR),
    "sigmoid": (lambda g: Sigmoid(), VECTOR),
    "softmax": (lambda g: Softmax(), VECTOR),
    **{merge: (branches(merge), MAPS) for merge in ("Add", "Average", "Multiply", "Maximum", "Concatenate")},
}


def differences(value: Callable[[], float], at: Array) -> Array:
    """Return the derivative of a number by each value of an array, which is changed and put back."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        before, sides = at[place], []
        for moved in (before + STEP, before - STEP):
            at[place] = moved
            sides.append(value())
        at[place], found[place] = before, (sides[0] - sides[1]) / (2 * STEP)
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_the_differences(name: str) -> None:
    make, shape = LAYERS[name]
    g = np.random.default_rng(0)
    layer, x = make(g), g.normal(size=shape)
    told = g.normal(size=layer.forward(x, training=True).shape)

    def loss() -> float:
        return float((layer.forward(x, training=True) * told).sum())

    loss()
    back = layer.backward(told)
    gradients = dict(layer.gradients)
    assert back.shape == x.shape
    assert back == pytest.approx(differences(loss, x), abs=TOLERANCE)
    assert gradients.keys() == layer.weights.keys()
    for key, gradient in gradients.items():
        assert gradient == pytest.approx(differences(loss, layer.weights[key]), abs=TOLERANCE), key


@pytest.mark.parametrize(
    "loss",
    [losses.CategoricalCrossentropy(0.1), losses.BinaryCrossentropy(0.1), losses.MeanSquaredError()],
    ids=lambda loss: type(loss).__name__,
)
def test_gradients_of_losses_are_the_differences(loss: losses.Loss) -> None:
    p, t = np.random.default_rng(0).dirichlet(np.full(4, 5.0), 3), np.eye(4)[[0, 2, 3]]
    assert loss.gradient(p, t) == pytest.approx(differences(lambda: float(loss.of_images(p, t).sum()), p), abs=1e-5)


def test_softmax_and_cross_entropy_together_tell_how_far_off_each_share_is() -> None:
    softmax, t = Softmax(), np.eye(4)[[0, 2]]
    p = softmax.forward(np.random.default_rng(0).normal(size=(2, 4)))
    assert softmax.input_gradient(losses.CategoricalCrossentropy().gradient(p, t)) == pytest.approx(p - t)


def test_in_inference_dropout_does_nothing_and_in_training_it_keeps_the_mean() -> None:
    dropout, x = Dropout(0.25), np.ones((100, 100))
    dropout.begin_epoch(np.random.default_rng(0))
    assert (dropout.forward(x) == x).all()
    y = dropout.forward(x, training=True)
    assert set(np.unique(y)) == {0, 1 / 0.75} and y.mean() == pytest.approx(1, abs=0.02)
    assert (dropout.backward(x) == y).all()


def test_batch_normalisation_keeps_moving_averages_and_uses_them() -> None:
    layer, x = normalization(np.random.default_rng(0)), np.random.default_rng(1).normal(3, 2, size=(50, 4))
    for _ in range(200):
        layer.forward(x, training=True)
    assert layer.statistics["moving_mean"] == pytest.approx(x.mean(axis=0), abs=1e-6)
    assert layer.forward(x) == pytest.approx(layer.forward(x, training=True), abs=1e-5)


# Jakhwal, 2024, figure 7: a 5x5 image padded by 1, this kernel, and what becomes of it.
KERNEL = [[1, 2, 3], [-4, 7, 4], [2, -5, 1]]
MADE = [
    [21, 59, 37, -19, 2],
    [30, 51, 66, 20, 43],
    [-14, 31, 49, 101, -19],
    [59, 15, 53, -2, 21],
    [49, 57, 64, 76, 10],
]
IMAGE = [[2, 4, 9, 1, 4], [2, 1, 4, 4, 6], [1, 1, 2, 9, 2], [7, 3, 5, 1, 3], [2, 3, 4, 8, 5]]


def test_a_published_convolution() -> None:
    """The image is what a linear system gives whose columns are the convolutions of single pixels: whole digits."""
    layer = Convolution({"kernel": np.array(KERNEL, float).reshape(3, 3, 1, 1)}, (1, 1), "same", 1)
    assert layer.forward(np.array(IMAGE, float).reshape(1, 5, 5, 1)).reshape(5, 5).tolist() == MADE
    pixels = layer.forward(np.eye(25).reshape(25, 5, 5, 1)).reshape(25, 25).T
    image = np.linalg.solve(pixels, np.ravel(MADE))
    assert image == pytest.approx(np.ravel(IMAGE))
    layer.forward(np.array(IMAGE, float).reshape(1, 5, 5, 1))
    back = layer.input_gradient(np.array(MADE, float).reshape(1, 5, 5, 1))  # the system the other way round
    assert back.ravel() == pytest.approx(pixels.T @ np.ravel(MADE))

"""Fused operations: the same numbers as Keras' own, gradients and statistics included, and nothing of them is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnbench.training.fused import fuse


def network(dtype: str = "float32", optimizer: Any = "sgd", **normalization: Any) -> Any:
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Conv2D(5, 3, use_bias=False, name="conv"),
        keras.layers.BatchNormalization(**normalization, name="bn"),
        keras.layers.ReLU(),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax", dtype="float32"),
    ]
    for layer in layers[:4]:
        layer.dtype_policy = dtype
    model = keras.Sequential([keras.Input((6, 6, 3)), *layers])
    model.compile(optimizer, "categorical_crossentropy", jit_compile=False)
    return model


def pair(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Return a network as Keras trains it, and the same with fused operations."""
    plain, fused = network(*args, **kwargs), network(*args, **kwargs)
    fuse(fused)
    return plain, fused


def trained(model: Any, steps: int) -> list[Any]:
    rng = np.random.default_rng(0)
    images = rng.normal(1, 2, (8, 6, 6, 3)).astype(np.float32)
    labels = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 8)]
    model.fit(images, labels, epochs=steps, batch_size=8, verbose=0, shuffle=False)
    return [variable.numpy() for variable in model.variables]


def operations(model: Any) -> set[str]:
    """Return the kinds of operation that a training step of a compiled model consists of."""
    step = tf.function(lambda x, y: model.train_step((x, y)))
    graph = step.get_concrete_function(tf.TensorSpec((8, 6, 6, 3)), tf.TensorSpec((8, 3))).graph
    return {operation.type for operation in graph.get_operations()}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"scale": False},
        {"center": False},
        {"momentum": 0.6, "epsilon": 1e-5},
        {"gamma_initializer": "random_normal"},
    ],
)
def test_batch_normalization_is_that_of_keras(arguments: dict[str, Any]) -> None:
    plain, fused = pair(**arguments)
    for ours, theirs in zip(trained(fused, 3), trained(plain, 3), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert "FusedBatchNormV3" in operations(fused)
    assert "FusedBatchNormV3" not in operations(plain)


def test_batch_normalization_in_sixteen_bits() -> None:
    plain, fused = pair("mixed_bfloat16")
    for ours, theirs in zip(trained(fused, 1), trained(plain, 1), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.02)
    assert "FusedBatchNormV3" in operations(fused)


def test_what_does_not_learn_uses_its_moving_statistics() -> None:
    plain, fused = pair()
    for model in (plain, fused):
        model.get_layer("bn").trainable = False
    images = np.random.default_rng(0).normal(size=(4, 6, 6, 3)).astype(np.float32)
    assert np.array_equal(fused(images, training=True), plain(images, training=True))
    assert np.array_equal(fused.get_layer("bn").moving_mean, np.zeros(5))
    assert np.array_equal(fused.predict(images, verbose=0), plain.predict(images, verbose=0))


@pytest.mark.parametrize(
    ("make", "operation"),
    [
        (lambda: keras.optimizers.Adam(0.01, epsilon=1e-4), "ResourceApplyAdam"),
        (lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1), "ResourceApplyAdam"),
        (lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 4)), "ResourceApplyAdam"),
        (lambda: keras.optimizers.SGD(0.1, momentum=0.9), "ResourceApplyKerasMomentum"),
        (
            lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
            "ResourceApplyKerasMomentum",
        ),
        (lambda: keras.optimizers.SGD(0.1), "AssignSubVariableOp"),
        (lambda: keras.optimizers.Adam(0.01, amsgrad=True), "AssignSubVariableOp"),
        (lambda: keras.optimizers.RMSprop(0.01), "AssignSubVariableOp"),
    ],
)
def test_optimizers_are_those_of_keras(make: Any, operation: str) -> None:
    plain, fused = network(optimizer=make()), network(optimizer=make())
    fuse(fused)
    ours, theirs = trained(fused, 4), trained(plain, 4)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=2e-5)
    for a, b in zip(fused.optimizer.variables, plain.optimizer.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=2e-5)
    assert operation in operations(fused)


def dropout(rate: float, seed: int = 3, shape: tuple[int, ...] = (7,)) -> Any:
    model = keras.Sequential([keras.Input(shape), keras.layers.Dropout(rate, seed=seed, name="dropout")])
    model.compile("sgd", "mse")
    fuse(model)
    return model


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_dropout_keeps_a_share_and_the_expectation(rate: float) -> None:
    out = np.asarray(dropout(rate, shape=(333,))(np.ones((999, 333), np.float32), training=True))
    kept = out != 0
    error = 4 * np.sqrt(rate * (1 - rate) / out.size)
    assert abs(kept.mean() - (1 - rate)) < error
    np.testing.assert_allclose(out[kept], 1 / (1 - rate), rtol=1e-4)
    share = kept.mean(axis=0)  # of one number over the images: none is favoured
    assert abs(share - (1 - rate)).max() < 5 * np.sqrt(rate * (1 - rate) / 999)


def test_dropout_is_drawn_by_the_layers_state() -> None:
    ones = np.ones((5, 7), np.float32)
    first, again, other = dropout(0.5), dropout(0.5), dropout(0.5, seed=4)
    drawn = [np.asarray(first(ones, training=True)) for _ in range(3)]
    for out in drawn:
        assert np.array_equal(out, again(ones, training=True))
    assert not np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], other(ones, training=True))
    assert np.array_equal(first(ones, training=False), ones)


def test_what_dropout_takes_away_has_no_gradient() -> None:
    model, ones = dropout(0.5), tf.ones((5, 7))
    with tf.GradientTape() as tape:
        tape.watch(ones)
        out = model(ones, training=True)
    np.testing.assert_array_equal(tape.gradient(out, ones), out)


def test_a_rate_that_sixteen_bits_cannot_say_is_left_to_keras() -> None:
    layer = dropout(1e-6).get_layer("dropout")
    assert layer.call.__func__ is keras.layers.Dropout.call
    assert dropout(0.5).get_layer("dropout").call.__func__ is not keras.layers.Dropout.call


def test_a_saved_network_knows_nothing_of_it(tmp_path: Path) -> None:
    _, fused = pair(optimizer=keras.optimizers.Adam())
    trained(fused, 1)
    fused.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    assert type(read.get_layer("bn")) is keras.layers.BatchNormalization
    assert read.get_layer("bn").call.__func__ is keras.layers.BatchNormalization.call
    assert type(read.optimizer) is keras.optimizers.Adam and "update_step" not in vars(read.optimizer)
    images = np.ones((2, 6, 6, 3), np.float32)
    assert np.array_equal(read.predict(images, verbose=0), fused.predict(images, verbose=0))

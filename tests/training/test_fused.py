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


def answering(model: Any) -> set[str]:
    """Return the kinds of operation that a prediction consists of."""
    asked = tf.function(lambda x: model(x, training=False))
    return {
        operation.type for operation in asked.get_concrete_function(tf.TensorSpec((4, 6, 6, 3))).graph.get_operations()
    }


@pytest.mark.parametrize(("dtype", "close"), [("float32", 1e-6), ("mixed_bfloat16", 0.01)])
@pytest.mark.parametrize("arguments", [{}, {"scale": False}, {"center": False}, {"epsilon": 0.1}])
def test_what_was_learned_is_applied_in_one_operation_too(dtype: str, close: float, arguments: dict[str, Any]) -> None:
    plain, fused = pair(dtype, **arguments)
    trained(plain, 3)
    fused.set_weights(plain.get_weights())
    images = np.random.default_rng(0).normal(size=(4, 6, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(fused.predict(images, verbose=0), plain.predict(images, verbose=0), atol=close)
    assert "FusedBatchNormV3" in answering(fused) and "FusedBatchNormV3" not in answering(plain)


def test_gradients_by_what_goes_in_stay() -> None:
    """Explanations ask for them, of a network that does not learn."""
    plain, fused = pair()
    trained(plain, 3)
    fused.set_weights(plain.get_weights())
    images, found = tf.random.stateless_normal((4, 6, 6, 3), (1, 2)), []
    for model in (plain, fused):
        with tf.GradientTape() as tape:
            tape.watch(images)
            out = model(images, training=False)[:, 0]
        found.append(tape.gradient(out, images).numpy())
    np.testing.assert_allclose(found[1], found[0], atol=1e-6)
    assert np.abs(found[0]).max() > 1e-3


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


def gradients(layer: Any, shape: tuple[int, ...], *, fused: bool) -> tuple[list[Any], set[str]]:
    """Return what a layer makes of inputs, and its gradients by them and its kernel, with the kinds of operation."""
    dtype = layer.compute_dtype
    model = keras.Sequential([keras.Input(shape, dtype=dtype), layer])
    model.compile("sgd", "mse")
    if fused:
        fuse(model)
    draw = np.random.default_rng(0)
    inputs = tf.cast(draw.normal(size=(6, *shape)), dtype)
    upstream = tf.cast(draw.normal(size=(6, *model.output_shape[1:])), dtype)

    @tf.function
    def step(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            out = model(inputs, training=True)
        return out, *tape.gradient(out, [inputs, *model.trainable_variables], upstream)

    kinds = {operation.type for operation in step.get_concrete_function(inputs).graph.get_operations()}
    return [np.asarray(tf.cast(value, "float32")) for value in step(inputs)], kinds


def convolution(filters: int = 128, dtype: str = "mixed_bfloat16", **arguments: Any) -> Any:
    keras.utils.set_random_seed(2)
    usual = {"kernel_size": 3, "padding": "same", "use_bias": False}
    return keras.layers.Conv2D(filters, **{**usual, **arguments}, dtype=dtype)


@pytest.mark.parametrize(("side", "channels", "filters"), [(4, 128, 128), (3, 256, 64), (8, 64, 256)])
def test_kernels_of_many_channels_on_small_maps_have_their_gradient_by_products(
    side: int, channels: int, filters: int
) -> None:
    shape = (side, side, channels)
    ours, kinds = gradients(convolution(filters), shape, fused=True)
    theirs, keras_kinds = gradients(convolution(filters), shape, fused=False)
    exact, _ = gradients(convolution(filters, "float32"), shape, fused=False)
    assert "Conv2DBackpropFilter" in keras_kinds - kinds and "MatMul" in kinds - keras_kinds
    for a, b, c in zip(ours, theirs, exact, strict=True):
        assert abs(a - c).mean() < 1.1 * abs(b - c).mean() < 0.02 * abs(c).mean()


@pytest.mark.parametrize(
    ("side", "channels", "arguments"),
    [
        (9, 128, {}),
        (4, 127, {}),
        (4, 128, {"dtype": "float32"}),
        (4, 128, {"use_bias": True}),
        (4, 128, {"strides": 2}),
        (4, 128, {"padding": "valid"}),
        (4, 128, {"kernel_size": 1}),
        (4, 128, {"dilation_rate": 2}),
        (4, 256, {"groups": 2}),
    ],
)
def test_other_convolutions_are_left_to_keras(side: int, channels: int, arguments: dict[str, Any]) -> None:
    shape = (side, side, channels)
    ours, kinds = gradients(convolution(**arguments), shape, fused=True)
    theirs, keras_kinds = gradients(convolution(**arguments), shape, fused=False)
    assert kinds == keras_kinds
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-6), ("bfloat16", 0.01)])
def test_the_slope_of_silu_is_its_derivative(dtype: str, error: float) -> None:
    (out, slopes), kinds = gradients(keras.layers.Activation("silu", dtype=dtype), (7, 5, 3), fused=True)
    (expected, keras_slopes), keras_kinds = gradients(
        keras.layers.Activation("silu", dtype=dtype), (7, 5, 3), fused=False
    )
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(slopes, keras_slopes, rtol=error, atol=error)
    assert "PartitionedCall" in kinds - keras_kinds
    _, others = gradients(keras.layers.Activation("gelu", dtype=dtype), (7, 5, 3), fused=True)
    assert others == gradients(keras.layers.Activation("gelu", dtype=dtype), (7, 5, 3), fused=False)[1]


def test_a_saved_network_knows_nothing_of_it(tmp_path: Path) -> None:
    _, fused = pair(optimizer=keras.optimizers.Adam())
    trained(fused, 1)
    fused.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    assert type(read.get_layer("bn")) is keras.layers.BatchNormalization
    assert read.get_layer("bn").call.__func__ is keras.layers.BatchNormalization.call
    assert type(read.optimizer) is keras.optimizers.Adam and "update_step" not in vars(read.optimizer)
    silu = keras.Sequential([keras.Input((4, 4, 2)), convolution(), keras.layers.Activation("silu")])
    silu.compile("sgd", "mse")
    fuse(silu)
    silu.save(tmp_path / "silu.keras")
    for layer in keras.saving.load_model(tmp_path / "silu.keras").layers:
        assert not {"call", "convolution_op"} & vars(layer).keys()
    images = np.ones((2, 6, 6, 3), np.float32)
    assert np.array_equal(read.predict(images, verbose=0), fused.predict(images, verbose=0))

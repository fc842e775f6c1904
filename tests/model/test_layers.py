from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnbench.model.archive import load_model, save_model
from cnnbench.model.layers import (
    ChannelShuffle,
    GroupedConv2D,
    LocalResponseNormalization,
    PatchWhitening,
    ScaledTanh,
    SparseConv2D,
)
from tests.builders.networks import network

TABLE = [[0, 2], [1], [0, 1, 2]]


def images(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def gradients(layer: Any, x: Any) -> tuple[Any, list[Any]]:
    """Return output and gradients of a weighted sum of it, with respect to the input and every weight."""
    if not layer.built:
        layer.build(x.shape)
    with tf.GradientTape() as tape:
        inputs = tf.Variable(x)
        y = layer(inputs)
        loss = tf.reduce_sum(y * np.linspace(1, 2, y.shape[-1]).astype("float32"))
    targets = [inputs, *(weight.value for weight in layer.trainable_weights)]
    return y, tape.gradient(loss, targets)


def arguments(layer: Any) -> dict[str, Any]:
    """Return what the layer's configuration holds besides Keras' own objects."""
    return {key: value for key, value in layer.get_config().items() if isinstance(value, int | float | str | list)}


@pytest.mark.parametrize("radius", [1, 2, 5])
def test_local_response_normalization_is_tensorflows(radius: int) -> None:
    x = 30 * images(2, 3, 4, 7)
    y, [gradient] = gradients(LocalResponseNormalization(radius, bias=1.5, alpha=0.01, beta=0.6), x)
    expected, [expected_gradient] = gradients(
        keras.layers.Lambda(lambda x: tf.nn.local_response_normalization(x, radius, 1.5, 0.01, 0.6)), x
    )
    np.testing.assert_allclose(y, expected, rtol=1e-5)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


def test_local_response_normalization_has_the_papers_constants() -> None:
    x = 100 * np.eye(6, dtype="float32").reshape(1, 6, 1, 6)  # one active channel at a time
    y = np.array(LocalResponseNormalization()(x))
    np.testing.assert_allclose(y, x / (2 + 1e-4 * x**2) ** 0.75, rtol=1e-5)
    both = np.array(LocalResponseNormalization()(np.array([[[[10.0, 0, 20.0, 0, 0, 40.0]]]])))
    near = 10 / (2 + 1e-4 * (10**2 + 20**2)) ** 0.75  # two channels away counts, five do not
    np.testing.assert_allclose(both[0, 0, 0, 0], near, rtol=1e-5)


def test_local_response_normalization_keeps_its_precision_in_sixteen_bits() -> None:
    x = images(1, 2, 2, 6)
    y = LocalResponseNormalization(dtype="mixed_bfloat16")(x)
    rounded = np.array(tf.cast(x, "bfloat16"), "float32")
    assert y.dtype == "bfloat16"
    np.testing.assert_allclose(np.array(y, "float32"), np.array(LocalResponseNormalization()(rounded)), rtol=2**-8)


def test_sparse_convolution_is_a_dense_one_with_zeros() -> None:
    x = images(2, 6, 5, 3)
    sparse = SparseConv2D(3, (3, 2), TABLE)
    sparse.build(x.shape)
    sparse.bias.assign([1.0, 2.0, 3.0])
    dense = np.zeros((3, 2, 3, 3), "float32")
    for i, (channel, filter_) in enumerate([(0, 0), (2, 0), (1, 1), (0, 2), (1, 2), (2, 2)]):
        dense[:, :, channel, filter_] = np.array(sparse.kernel)[:, :, i]
    expected = tf.nn.conv2d(x, dense, 1, "VALID") + np.array([1.0, 2.0, 3.0], "float32")
    np.testing.assert_allclose(sparse(x), expected, rtol=1e-4, atol=1e-5)
    assert sparse.compute_output_shape(x.shape) == tuple(expected.shape)
    assert sparse.count_params() == 3 * 2 * 6 + 3


def test_sparse_convolution_learns_every_connection() -> None:
    _, [_, kernel, bias] = gradients(SparseConv2D(3, 2, TABLE), images(2, 4, 4, 3))
    assert kernel.shape == (2, 2, 6) and np.all(np.abs(kernel) > 0)
    assert np.array(bias).tolist() == pytest.approx([18, 27, 36])  # 2 images x 9 positions x 1, 1.5 and 2


def test_sparse_convolution_refuses_a_table_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="2 lists of channels 0 to 2"):
        SparseConv2D(2, 3, [[0], [3]]).build((None, 8, 8, 3))


def test_scaled_tanh_passes_through_one() -> None:
    y = np.array(ScaledTanh()(np.array([-1.0, 0.0, 1.0, 50.0], "float32")))
    np.testing.assert_allclose(y, [-1, 0, 1, 1.7159], atol=1e-4)


def test_channel_shuffle_deals_the_groups_out_in_turn() -> None:
    x = np.arange(6, dtype="float32").reshape(1, 1, 1, 6)
    assert np.array(ChannelShuffle(2)(x)).ravel().tolist() == [0, 3, 1, 4, 2, 5]
    assert np.array(ChannelShuffle(3)(x)).ravel().tolist() == [0, 2, 4, 1, 3, 5]
    with pytest.raises(ValueError, match="4 groups do not divide 6 channels"):
        ChannelShuffle(4).compute_output_shape(x.shape)


@pytest.mark.parametrize("strides", [1, 2])
def test_grouped_convolution_is_keras(strides: int) -> None:
    x = images(2, 7, 7, 6)
    ours = GroupedConv2D(4, 3, strides=strides, groups=2, activation="relu", padding="same")
    theirs = keras.layers.Conv2D(4, 3, strides=strides, groups=2, activation="relu", padding="same")
    ours.build(x.shape)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    [y, slopes], [expected, expected_slopes] = gradients(ours, x), gradients(theirs, x)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    for slope, expected_slope in zip(slopes, expected_slopes, strict=True):
        np.testing.assert_allclose(slope, expected_slope, rtol=1e-4, atol=1e-4)


def test_all_are_read_back_from_a_file_in_safe_mode(tmp_path: Path) -> None:
    inputs = keras.Input((6, 6, 4))
    x = GroupedConv2D(4, 3, groups=2)(inputs)
    x = LocalResponseNormalization(1, 1.0, 0.1, 0.5)(ChannelShuffle(2)(x))
    x = ScaledTanh(2.0, 0.5)(SparseConv2D(2, 3, [[0, 3], [1]], kernel_initializer="he_normal")(x))
    x = PatchWhitening(2, [2, 1], "same", 0.01, use_bias=False)(x)
    model = keras.Model(inputs, x)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    x = images(3, 6, 6, 4)
    assert np.array_equal(model(x), loaded(x))
    for ours, theirs in zip(model.layers[1:], loaded.layers[1:], strict=True):
        assert type(ours) is type(theirs)
        assert arguments(ours) == arguments(theirs)


ENLARGED = {
    "residual": {
        "layers": [
            {"Reshape": {"target_shape": [8, 8, 3]}},
            {"UpSampling2D": {"size": 2, "interpolation": "lanczos3"}},
            {"AveragePooling2D": {"pool_size": 2}},
            "Flatten",
        ]
    }
}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(
    "layer",
    [
        {"Dense": {"units": 4, "activity_regularizer": {"L2": {"l2": 0.01}}}},
        {"ActivityRegularization": {"l1": 0.01}},
        {"Dense": {"units": 4, "activation": "sparsemax"}},
        {"Activation": {"activation": "sparsemax"}},
        {"residual": {"layers": [{"Dense": {"units": 192}}, ENLARGED]}},
    ],
    ids=str,
)
def test_what_keras_cannot_do_in_16_bits_is_done_in_32(policy: str, layer: Any, tmp_path: Path) -> None:
    keras.config.set_dtype_policy(policy)
    try:
        model = network(["Flatten", layer, "classifier"])
    finally:
        keras.config.set_dtype_policy("float32")
    pixels, labels = np.ones((2, 8, 8, 3), np.float32), np.eye(3, dtype=np.float32)[:2]
    model.compile(optimizer="sgd", loss="categorical_crossentropy")
    assert np.isfinite(model.train_on_batch(pixels, labels))
    save_model(model, tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(pixels, verbose=0), model.predict(pixels, verbose=0))

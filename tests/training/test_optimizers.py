"""ConvMuon: kernels turn by the angle of the rate and keep their norm, the rest is Adam's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.model.policy import built_in
from cnnbench.training.optimizers import ConvMuon, decaying_at_one_rate, optimizer_class


def network() -> Any:
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Conv2D(8, 3, use_bias=False, name="conv"),
        keras.layers.BatchNormalization(name="bn"),
        keras.layers.DepthwiseConv2D(3, name="depthwise"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, name="dense"),
    ]
    return keras.Sequential([keras.Input((8, 8, 4)), *layers])


def stepped(optimizer: Any, steps: int = 1) -> Any:
    model, draw = network(), np.random.default_rng(1)
    model.compile(optimizer, "mse", jit_compile=False)
    for _ in range(steps):
        images = draw.normal(size=(8, 8, 8, 4)).astype(np.float32)
        model.train_on_batch(images, draw.normal(size=(8, 3)).astype(np.float32))
    return model


def kernel(model: Any) -> Any:
    return np.asarray(model.get_layer("conv").kernel).reshape(-1, 8)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_step_is_an_orthogonal_matrix_of_the_rates_size(policy: str) -> None:
    rate = 0.01
    with built_in(policy):
        before, after = kernel(network()), kernel(stepped(ConvMuon(rate)))
    assert np.linalg.norm(after) == pytest.approx(8**0.5, rel=1e-5)
    # What was added, but for the factor that brings the norm back, has singular values near the rate.
    singular = np.linalg.svd(after / scale(before, after) - before, compute_uv=False) / rate
    assert singular.min() > 0.5 and singular.max() < 1.3  # what Newton and Schulz's five steps come to


def scale(before: Any, after: Any) -> float:
    """Return the factor between the turned kernel and the one of norm sqrt(filters): that of the smallest step."""
    factors = np.linspace(0.5, 3, 5001) * np.linalg.norm(after) / np.linalg.norm(before)
    return float(min(factors, key=lambda f: np.linalg.norm(after / f - before)))


def test_the_norm_stays_and_the_loss_falls() -> None:
    model, fixed = network(), np.random.default_rng(2)
    model.compile(ConvMuon(0.05), "mse", jit_compile=False)
    images, targets = fixed.normal(size=(16, 8, 8, 4)), fixed.normal(size=(16, 3))
    losses = [model.train_on_batch(images.astype(np.float32), targets.astype(np.float32)) for _ in range(60)]
    assert losses[-1] < 0.8 * losses[0]
    assert np.linalg.norm(kernel(model)) == pytest.approx(8**0.5, rel=1e-5)


def test_what_is_no_convolution_is_adams() -> None:
    ours = stepped(ConvMuon(0.1, adam_lr_ratio=0.05))
    before, adams = network(), stepped(keras.optimizers.Adam(0.005))
    for name in ("dense", "depthwise", "bn"):
        for value, expected, old in zip(
            ours.get_layer(name).trainable_variables,
            adams.get_layer(name).trainable_variables,
            before.get_layer(name).trainable_variables,
            strict=True,
        ):
            np.testing.assert_allclose(np.asarray(value), expected, rtol=1e-3, atol=1e-6, err_msg=value.path)
            assert not np.array_equal(value, old)


def test_it_is_made_again_of_its_configuration() -> None:
    made = ConvMuon(0.3, momentum=0.7, ns_steps=3)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(made))
    assert type(again) is ConvMuon and again.get_config() == made.get_config()
    assert (again.momentum, again.ns_steps, again.rms_rate) == (0.7, 3, None)


def test_names() -> None:
    assert optimizer_class("ConvMuon") is ConvMuon and optimizer_class("Adam") is keras.optimizers.Adam


class Counted(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras ships no types
    """A rate that falls, and how often it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, step: Any) -> Any:
        self.asked += 1
        return 0.1 / (1.0 + keras.ops.cast(step, "float32"))


@pytest.mark.parametrize("name", ["AdamW", "SGD", "RMSprop", "Muon"])
def test_decay_asks_for_the_rate_once_and_is_that_of_keras(name: str) -> None:
    theirs, ours = (getattr(keras.optimizers, name)(Counted(), weight_decay=0.2) for _ in range(2))
    plain, decayed = stepped(theirs, 4), stepped(decaying_at_one_rate(ours), 4)
    for a, b in zip(decayed.weights, plain.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    steps = ours._learning_rate.asked / 2  # that were traced, each with the rate for the decay and for the rest
    assert steps >= 1 and theirs._learning_rate.asked == steps * (1 + len(plain.trainable_variables))
    assert float(ours.learning_rate) == pytest.approx(0.1 / 5)

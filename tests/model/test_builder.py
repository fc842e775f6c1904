from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.config.network.spec import Layer, expand
from cnnbench.errors import ConfigError
from cnnbench.model.archive import load_model
from cnnbench.model.builder import build
from tests.builders.networks import SMALL, built, network, normalization

BOTH = [
    {"residual": {"layers": [{"Conv2D": {"filters": 3, "kernel_size": 3, "padding": "same"}}], "activation": "relu"}},
    {"branches": {"merge": "Concatenate", "paths": [[], [{"DepthwiseConv2D": {"kernel_size": 1}}]]}},
    "GlobalAveragePooling2D",
    {"Dropout": {"rate": 0.5}},
    {"Dropout": {"rate": 0.5}},
    "classifier",
]


@pytest.fixture
def bfloat16() -> Iterator[None]:
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


def pixels(n: int = 4, shape: tuple[int, ...] = (8, 8, 3)) -> Any:
    return np.random.default_rng(1).integers(0, 256, (n, *shape)).astype("float32")


def weights(model: keras.Model) -> list[Any]:
    return [np.array(variable) for variable in model.variables]


def same(first: list[Any], second: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_it_maps_pixels_to_probabilities() -> None:
    model = network(SMALL)
    y = np.array(model(pixels()))
    assert y.shape == (4, 3) and y.dtype == np.float32
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    assert (model.name, model.input.name, model.input.dtype) == ("small", "pixels", "float32")
    assert [layer.name for layer in model.layers[-2:]] == ["logits", "probabilities"]


def test_normalisation_is_inside_channel_by_channel() -> None:
    layer = network(SMALL).get_layer("normalization")
    x = pixels()
    expected = x * np.float32([1 / 100, 1 / 101, 1 / 102]) + np.float32([-0.5, -1.5, -2.5])
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)


def test_residuals_and_branches_compute_what_they_say() -> None:
    model = network(BOTH)
    x = np.array(model.get_layer("normalization")(pixels()))
    added = np.maximum(x + np.array(model.get_layer("conv2d_1")(x)), 0)
    both = np.concatenate([added, np.array(model.get_layer("depthwise_conv2d_1")(added))], axis=-1)
    logits = np.array(model.get_layer("logits")(both.mean(axis=(1, 2))))
    exponents = np.exp(logits)
    np.testing.assert_allclose(model(pixels()), exponents / exponents.sum(axis=1, keepdims=True), rtol=1e-4)


def test_the_same_seed_gives_the_same_weights_whatever_was_built_before() -> None:
    first = weights(network(BOTH, seed=7))
    keras.utils.set_random_seed(123)
    network(SMALL, seed=7)
    assert same(first, weights(network(BOTH, seed=7)))
    assert not same(first, weights(network(BOTH, seed=8)))


def test_layers_draw_different_weights_and_different_noise() -> None:
    dense = {"Dense": {"units": 8}}
    model = network([{"Dropout": {"rate": 0.5}}, {"Dropout": {"rate": 0.5}}, "Flatten", dense, dense, "classifier"])
    drops = [np.array(model.get_layer(f"dropout_{i}")(np.ones((1, 200)), training=True)) for i in (1, 2)]
    assert not np.array_equal(drops[0], drops[1])
    model = network(["Flatten", {"Dense": {"units": 192}}, {"Dense": {"units": 192}}, "classifier"])
    assert not np.array_equal(*(model.get_layer(f"dense_{i}").kernel for i in (1, 2)))


def test_dropout_follows_the_seed() -> None:
    runs = [np.array(network(BOTH, seed=seed)(pixels(64), training=True)) for seed in (1, 1, 2)]
    assert np.array_equal(runs[0], runs[1]) and not np.array_equal(runs[0], runs[2])


def test_regularizers_initializers_and_constraints_are_made_of_their_descriptions() -> None:
    args = {
        "units": 500,
        "kernel_initializer": {"RandomNormal": {"stddev": 0.2}},
        "bias_initializer": {"Constant": {"value": 0.25}},
        "kernel_regularizer": {"L2": {"l2": 0.5}},
        "bias_regularizer": "l1",
        "kernel_constraint": {"MaxNorm": {"max_value": 3}},
        "activity_regularizer": {"L1L2": {"l1": 0.1, "l2": 0.2}},
    }
    layer = network(["Flatten", {"Dense": args}, "classifier"]).get_layer("dense_1")
    assert np.std(layer.kernel) == pytest.approx(0.2, rel=0.05)
    assert np.unique(layer.bias).tolist() == [0.25]
    assert float(layer.kernel_regularizer.l2) == 0.5
    assert isinstance(layer.bias_regularizer, keras.regularizers.L1)
    assert layer.kernel_constraint.max_value == 3
    assert float(layer.activity_regularizer.l1) == pytest.approx(0.1)


def test_a_regularizer_in_batch_normalization_reaches_the_loss() -> None:
    model = network([{"BatchNormalization": {"activity_regularizer": {"L2": {"l2": 1.0}}}}, "Flatten", "classifier"])
    model(pixels())
    assert len(model.losses) == 1 and float(model.losses[0]) > 0


def test_the_classifier_takes_its_arguments() -> None:
    classifier = {"classifier": {"use_bias": False, "kernel_regularizer": {"L2": {"l2": 0.5}}}}
    layer = network(["Flatten", classifier]).get_layer("logits")
    assert not layer.use_bias and float(layer.kernel_regularizer.l2) == 0.5


def test_it_is_read_back_in_safe_mode_with_equal_predictions(tmp_path: Path) -> None:
    for name in ("lenet5-1998", "thesis-cnn", "resnet20"):
        model = built(name)
        x = pixels(3, model.input.shape[1:])
        model.save(tmp_path / f"{name}.keras")
        loaded = load_model(tmp_path / f"{name}.keras")
        assert np.array_equal(model.predict(x, verbose=0), loaded.predict(x, verbose=0))
        assert np.array_equal(model.get_layer("normalization")(x), loaded.get_layer("normalization")(x))


@pytest.mark.usefixtures("bfloat16")
def test_under_mixed_precision_both_ends_are_float32() -> None:
    model = network(BOTH)
    assert model.get_layer("normalization").compute_dtype == "float32"
    assert model.get_layer("conv2d_1").compute_dtype == "bfloat16"
    assert (model.output.dtype, np.array(model(pixels())).dtype) == ("float32", np.float32)
    np.testing.assert_allclose(np.array(model(pixels())).sum(axis=1), 1, atol=1e-6)


@pytest.mark.usefixtures("bfloat16")
@pytest.mark.parametrize(
    "head", [["GlobalAveragePooling2D", "Softmax"], ["Flatten", {"Dense": {"units": 3, "activation": "softmax"}}]]
)
def test_a_softmax_of_its_own_ends_a_network_in_float32(head: list[Any]) -> None:
    model = network([{"Conv2D": {"filters": "$classes", "kernel_size": 1}}, *head])
    assert (model.output_shape, model.output.dtype) == ((None, 3), "float32")
    np.testing.assert_allclose(np.array(model(pixels())).sum(axis=1), 1, atol=1e-6)


def test_a_misfit_is_told_before_keras_sees_it() -> None:
    with pytest.raises(ConfigError, match="kernel 9x9 is larger than its map 8x8"):
        network([{"Conv2D": {"filters": 1, "kernel_size": 9}}, "Flatten", "classifier"])


def test_what_keras_refuses_is_one_line_that_names_the_layer() -> None:
    nodes = [Layer("Activation", {"activation": "rleu"}, "net.yaml:3: model.layers[0].Activation", "a")]
    with pytest.raises(ConfigError) as raised:
        build([*nodes, *expand(["Flatten", "classifier"])], (8, 8, 3), 3, normalization(3), 0, "small")
    [line] = raised.value.problems
    assert line.startswith("net.yaml:3: model.layers[0].Activation: ") and "rleu" in line and "\n" not in line


ELSEWHERE = """
import numpy as np, keras
from tests.builders.networks import built
x = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 1)).astype("float32")
y = np.array(keras.ops.convert_to_numpy(built("lenet5-1998")(x)))
z = np.array(keras.ops.convert_to_numpy(built("alexnet", (64, 64, 3), 5)(np.ones((1, 64, 64, 3), "float32"))))
assert y.shape == (4, 10) and z.shape == (1, 5), (y.shape, z.shape)
assert np.allclose(y.sum(axis=1), 1, atol=1e-5)
print(keras.backend.backend())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", [b for b in ("jax", "torch") if importlib.util.find_spec(b)])
def test_networks_run_on_other_backends(backend: str) -> None:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", ELSEWHERE], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == backend, done.stderr


@pytest.mark.parametrize(
    "regularizer", [{"OrthogonalRegularizer": {"factor": 1}}, {"L1L2": {"l1": 1, "l2": 0}}, {"L2": {"l2": 1}}]
)
def test_whole_numbers_are_strengths_as_good_as_any(regularizer):
    model = network(["Flatten", {"Dense": {"units": 2, "kernel_regularizer": regularizer}}, "classifier"])
    (penalty,) = model.losses
    assert float(penalty) > 0

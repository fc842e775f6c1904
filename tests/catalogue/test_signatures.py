"""The names of the catalogue against the installed Keras, and what it says of wrong arguments."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnbench.catalogue.arguments import Arguments
from cnnbench.catalogue.augmentations import COLOUR_ONLY, NOT_AUGMENTATIONS
from cnnbench.catalogue.objects import ACTIVATIONS, SNAKE_CASE
from cnnbench.catalogue.signatures import LAYERS, TABLES, check_call
from cnnbench.training.optimizers import OWN_OPTIMIZERS
from scripts.keras_signatures import MODULES

CALLS = [(table, name) for table in TABLES for name in TABLES[table]]


@pytest.mark.parametrize(("table", "name"), CALLS)
def test_the_defaults_of_keras_are_allowed(table: str, name: str) -> None:
    for key, argument in TABLES[table][name].items():
        if argument.required or key == "name":
            continue
        wrong = [m for path, m in check_call(table, name, {key: argument.default}) if path.startswith(key)]
        assert not [m for m in wrong if "expected" in m], f"{key}={argument.default}: {wrong}"


def test_every_image_layer_of_keras_is_known() -> None:
    public = {n for n in dir(keras.layers) if inspect.isclass(getattr(keras.layers, n))}
    flat = {n for n in public if n.endswith("2D") and "LSTM" not in n}
    aliases = {n for n in flat for m in LAYERS if n != m and getattr(keras.layers, n) is getattr(keras.layers, m, None)}
    assert flat - aliases <= set(LAYERS)
    assert {n for n in public if n.endswith(("ReLU", "LU"))} <= set(LAYERS)
    assert {n for n in public if n.endswith("Normalization")} - {"Normalization", "SpectralNormalization"} <= set(
        LAYERS
    )


def test_every_optimizer_of_keras_is_known() -> None:
    public = {n for n in dir(keras.optimizers) if inspect.isclass(getattr(keras.optimizers, n))}
    wrappers = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
    assert set(TABLES["OPTIMIZERS"]) - set(OWN_OPTIMIZERS) == public - wrappers


def test_every_augmentation_of_keras_is_known() -> None:
    public = {n for n in dir(keras.layers) if inspect.isclass(getattr(keras.layers, n))}
    random = {n for n in public if n.startswith("Random")} | {
        "MixUp",
        "CutMix",
        "RandAugment",
        "Solarization",
    }
    assert random <= set(TABLES["AUGMENTATIONS"])
    assert set(NOT_AUGMENTATIONS) <= public


def test_every_activation_is_one_of_keras() -> None:
    for name in ACTIVATIONS:
        values = keras.activations.get(name)(np.array([[-1.0, 0.5]], "float32"))
        assert values.shape == (1, 2)
    public = {n for n in dir(keras.activations) if not n.startswith("_")}
    assert public - set(ACTIVATIONS) == {"get", "serialize", "deserialize", "glu", "threshold"}


def test_snake_case_names_are_those_of_keras() -> None:
    for table, module in list(MODULES.items())[3:]:
        for snake, name in SNAKE_CASE.items():
            if name in TABLES[table]:
                assert getattr(module, snake) is getattr(module, name)


@pytest.mark.parametrize("name", ["RandomColorDegeneration", "RandomGrayscale"])
def test_these_do_nothing_for_grey_images(name: str) -> None:
    assert name in COLOUR_ONLY
    images = grey_images()
    augmented = np.asarray(getattr(keras.layers, name)(factor=0.9)(images, training=True))
    assert np.allclose(augmented, images, atol=1e-3)


@pytest.mark.parametrize("name", ["RandomHue", "RandomSaturation"])
def test_these_fail_on_grey_images(name: str) -> None:
    assert name in COLOUR_ONLY
    with pytest.raises(tf.errors.OpError):
        getattr(keras.layers, name)(factor=0.9)(grey_images(), training=True)


def grey_images() -> Any:
    return np.random.default_rng(0).uniform(0, 255, (2, 4, 4, 1)).astype("float32")


@pytest.mark.parametrize(
    ("table", "name", "args"),
    [
        (
            "LAYERS",
            "Conv2D",
            {"filters": 4, "kernel_size": [3, 1], "bias_regularizer": {"L2": {"l2": 0.1}}},
        ),
        (
            "LAYERS",
            "Conv2D",
            {"filters": 4, "kernel_size": 3, "kernel_initializer": "ones", "bias_constraint": None},
        ),
        ("LAYERS", "Dense", {"units": 3, "kernel_constraint": {"max_norm": {"max_value": 3}}, "activation": "swish"}),
        (
            "LAYERS",
            "Dense",
            {"units": 3, "bias_regularizer": {"L1L2": {"l1": 0.1}}, "bias_initializer": {"Ones": None}},
        ),
        ("LAYERS", "ZeroPadding2D", {"padding": [[1, 0], [2, 1]]}),
        ("LAYERS", "LayerNormalization", {"axis": [1, 2, 3]}),
        ("LAYERS", "PReLU", {"shared_axes": [1, 2], "name": "p"}),
        ("LAYERS", "classifier", {"kernel_regularizer": "l2", "use_bias": False}),
        ("AUGMENTATIONS", "RandomRotation", {"factor": [-0.1, 0.2], "fill_mode": "constant", "fill_value": 255}),
        ("AUGMENTATIONS", "RandomErasing", {"fill_value": [0, 0, 0], "scale": [0.02, 0.2]}),
        ("OPTIMIZERS", "Muon", {"exclude_layers": ["logits"], "weight_decay": None, "rms_rate": None}),
        ("OPTIMIZERS", "Adam", {"clipnorm": None, "clipvalue": 1, "gradient_accumulation_steps": 2}),
    ],
)
def test_right_calls_have_no_mistakes(table: str, name: str, args: dict[str, Any]) -> None:
    assert check_call(table, name, args) == []


def test_a_mistake_names_the_path_inside_the_arguments() -> None:
    args = {
        "filters": 3,
        "kernel_size": [3, 0],
        "kernel_regularizer": {"L2": {"l2": -1}},
        "bias_initializer": {"Foo": {}},
    }
    assert check_call("LAYERS", "Conv2D", args) == [
        ("kernel_size[1]", "expected an integer >= 1, found 0"),
        ("kernel_regularizer.L2.l2", "expected a number >= 0, found -1"),
        ("bias_initializer.Foo", check_call("INITIALIZERS", "Foo", {})[0][1]),
    ]


def test_layers_share_no_argument_by_accident() -> None:
    weighted: Arguments = LAYERS["Conv2D"]
    assert "trainable" in weighted
    assert "trainable" not in LAYERS["Dropout"]
    assert "name" not in LAYERS["classifier"]

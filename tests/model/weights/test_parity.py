"""Shipped networks with the weights of torchvision's and Keras' compute what these compute.

Weights are drawn at random, statistics of batch normalisation too, so that nothing has to be downloaded. By hand, with
the interpreter of an environment that has torchvision in CNNBENCH_TORCHVISION where this one has not:
pytest tests/model/weights/test_parity.py -s
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.data.normalize import Normalization
from cnnbench.model.archive import save_model
from cnnbench.model.builder import build
from cnnbench.model.weights.load import put
from cnnbench.model.weights.mapping import mapped
from cnnbench.model.weights.read import read
from tests.builders import torchvision_state
from tests.builders.networks import shipped

pytestmark = pytest.mark.slow

AS_THEY_ARE = Normalization((1.0,) * 3, (0.0,) * 3)
CLOSE = 1e-4  # of a logarithm of a probability: a ten-thousandth of the probability
ROUNDING = {"inceptionv3": 3e-4}  # on the same weights TensorFlow and JAX differ by 1.6e-4


def images(size: int) -> np.ndarray[Any, Any]:
    """Return two images as networks get them: around 0, about 1 wide, with edges in them."""
    chance = np.random.default_rng(3)
    coarse = chance.normal(0, 1, (2, size // 8 + 1, size // 8 + 1, 3)).repeat(8, 1).repeat(8, 2)[:, :size, :size]
    return (coarse + chance.normal(0, 0.3, coarse.shape)).astype(np.float32)


def ours(name: str, path: Path, **parameters: Any) -> keras.Model:
    """Return a shipped network with the weights of a file."""
    nodes, shape, classes = shipped(name, **parameters)
    model = build(nodes, shape, classes, AS_THEY_ARE, 0, name)
    put(model, mapped(read(path), nodes, shape, classes).values)
    return model


def assert_alike(name: str, found: Any, expected: Any) -> None:
    """Assert that logarithms of probabilities differ by no more than rounding, and print by how much they do."""
    a, b = np.log(np.asarray(found, np.float64)), np.log(np.asarray(expected, np.float64))
    print(f"\n{name}: largest difference of log probabilities {np.abs(a - b).max():.1e}, they spread by {b.std():.2f}")
    assert b.std() > 0.01  # or equality would say nothing
    np.testing.assert_allclose(a, b, atol=ROUNDING.get(name, CLOSE))


TORCHVISION = {
    "vgg11": "vgg11",
    "vgg16": "vgg16",
    "vgg16-bn": "vgg16_bn",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "resnet101": "resnet101",
    "squeezenet1.0": "squeezenet1_0",
    "squeezenet1.1": "squeezenet1_1",
    "densenet121": "densenet121",
    "mobilenetv2": "mobilenet_v2",
    "inceptionv3": "inception_v3",
}


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision(name: str, tmp_path: Path) -> None:
    python = os.environ.get("CNNBENCH_TORCHVISION", sys.executable)
    if subprocess.run([python, "-c", "import torchvision"], capture_output=True).returncode:
        pytest.skip("torchvision is not installed")
    weights, pixels, expected = (tmp_path / file for file in ("weights.pth", "images.npy", "expected.npy"))
    np.save(pixels, images(shipped(name)[1][0]))
    subprocess.run([python, torchvision_state.__file__, TORCHVISION[name], pixels, weights, expected], check=True)
    assert_alike(name, ours(name, weights).predict(np.load(pixels), verbose=0), np.load(expected))


# Where Keras' own network is another than torchvision's, its parameters stand in the file.
KERAS: dict[str, tuple[str, dict[str, Any]]] = {
    "vgg16": ("VGG16", {}),
    "densenet121": ("DenseNet121", {}),
    "mobilenetv2": ("MobileNetV2", {"epsilon": 1e-3, "padding": [[0, 1], [0, 1]]}),
    "inceptionv3": ("InceptionV3", {"scale": False, "pool_border": 0, "pool_padding": "same"}),
    "xception": ("Xception", {}),
}


@pytest.mark.parametrize("name", KERAS)
def test_keras(name: str, tmp_path: Path) -> None:
    application, parameters = KERAS[name]
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, application)(weights=None)
    chance = np.random.default_rng(2)
    for variable in model.weights:
        if len(variable.shape) == 1:  # a bias, or of batch normalisation
            low, high = (0.5, 1.5) if variable.name in ("gamma", "moving_variance") else (-0.3, 0.3)
            variable.assign(chance.uniform(low, high, variable.shape))
    save_model(model, tmp_path / "weights.keras")
    pixels = images(model.input_shape[1])
    found = ours(name, tmp_path / "weights.keras", **parameters).predict(pixels, verbose=0)
    assert_alike(name, found, model.predict(pixels, verbose=0))

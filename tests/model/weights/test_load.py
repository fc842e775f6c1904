"""What is loaded besides arrays: the order of colours, pixels, what is ignored."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.config.published import Published
from cnnbench.config.schema import Model
from cnnbench.model.builder import build
from cnnbench.model.weights.load import Loaded, load, put
from tests.builders.networks import network
from tests.builders.weight_files import CLASSES, LAYERS, SHAPE, drawn, images, nodes

NAMES = [str(n) for n in range(CLASSES)]


def loaded(path: Path, **keys: Any) -> Loaded:
    """Load a file as the published one."""
    row = Published(file="x", publisher="somebody", sha256=hashlib.sha256(path.read_bytes()).hexdigest(), **keys)
    return load(Model(weights=str(path), published=[row]), nodes(), SHAPE, NAMES)


def test_a_network_trained_on_blue_green_red_takes_red_green_blue(tmp_path: Path) -> None:
    """Keras' VGG was trained in Caffe: channels the other way round, less their means."""
    theirs = drawn(network(LAYERS, SHAPE, CLASSES))
    np.savez(tmp_path / "w.npz", *theirs.get_weights())
    found = loaded(tmp_path / "w.npz", preprocessing="caffe")
    assert found.normalization is not None
    ours = build(nodes(), SHAPE, CLASSES, found.normalization, 1, "ours")
    put(ours, found.values)
    caffe = images()[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
    expected = np.asarray(theirs(_before(theirs, caffe)))
    np.testing.assert_allclose(ours(images()), expected, rtol=1e-4, atol=1e-6)


def _before(model: Any, pixels: Any) -> Any:
    """Return pixels that the network's own normalisation makes these of."""
    config = model.get_layer("normalization").get_config()
    return ((pixels - np.array(config["offset"])) / np.array(config["scale"])).astype(np.float32)


PIXELS = {
    "torchvision": ((0 - 0.485) / 0.229, (1 - 0.485) / 0.229),
    "inception": (-1, 1),
    "efficientnet-lite": (-127 / 128, 1),
}


@pytest.mark.parametrize("name", PIXELS)
def test_what_black_and_white_become(name: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", *network(LAYERS, SHAPE, CLASSES).get_weights())
    found = loaded(tmp_path / "w.npz", preprocessing=name)
    assert found.normalization is not None
    scale, offset = found.normalization.scale[0], found.normalization.offset[0]
    assert (offset, 255 * scale + offset) == pytest.approx(PIXELS[name])
    assert found.facts["preprocessing"] == name and found.facts["from"] == "somebody"


def test_arrays_that_a_published_file_has_beside_the_network(tmp_path: Path) -> None:
    model = network(LAYERS, SHAPE, CLASSES)
    arrays = {f"{layer.name}/{v.name}": np.asarray(v) for layer in model.layers for v in layer.weights}
    np.savez(tmp_path / "w.npz", **arrays, **{"aux.head/kernel": np.zeros((2, 2))})
    assert loaded(tmp_path / "w.npz", preprocessing="inception", ignore=["aux.*"]).facts["arrays"] == len(arrays)

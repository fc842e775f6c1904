"""Up to which layer a network gives the same for the same image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cnnbench.config.architecture import load_architecture
from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.spec import expand
from cnnbench.learners.keras.cut import divided, fixed_part, output_of
from tests.builders.networks import network

CONV: dict[str, Any] = {"Conv2D": {"filters": 3, "kernel_size": 3}}
HEAD = ["GlobalAveragePooling2D", {"Dropout": {"rate": 0.5}}, "classifier"]


@pytest.mark.parametrize(
    ("layers", "freeze", "cut"),
    [
        ([CONV, *HEAD], "base", "global_average_pooling2d_1"),
        ([CONV, {"Dropout": {"rate": 0.5}}, CONV, *HEAD], "base", "global_average_pooling2d_1"),
        ([CONV, CONV, *HEAD], ["conv2d_1"], "conv2d_1"),
        ([CONV, CONV, *HEAD], ["conv2d_2"], None),
        ([CONV, "ReLU", "Flatten", "classifier"], [], None),
        ([{"residual": {"layers": [CONV], "shortcut": [CONV], "activation": "relu"}}, *HEAD], ["conv2d_1"], None),
        ([CONV, {"ActivityRegularization": {"l2": 0.1}}, *HEAD], "base", "conv2d_1"),
    ],
)
def test_the_cut_is_as_far_back_as_nothing_changes(layers: list[Any], freeze: Any, cut: str | None) -> None:
    nodes = expand(layers)
    fixed = fixed_part(nodes, frozen_layers(nodes, freeze))
    assert (output_of(fixed[-1]) if fixed else None) == cut


def test_a_published_network_is_cut_before_its_last_layer() -> None:
    resnet = load_architecture("resnet18")
    nodes = expand(resnet.layers, resnet.blocks, resnet.parameters)
    assert output_of(fixed_part(nodes, frozen_layers(nodes, "base"))[-1]) == "global_average_pooling2d_1"


def test_both_parts_together_are_the_network_and_share_its_layers() -> None:
    layers = [CONV, "BatchNormalization", {"Conv2D": {"filters": 2, "kernel_size": 1}}, *HEAD]
    whole = network(layers)
    base, head = divided(whole, fixed_part(expand(layers), ["conv2d_1", "batch_normalization_1"]))
    images = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(head(base(images)), whole(images), rtol=1e-6)
    assert head.layers[-2] is whole.layers[-2]
    assert len(base.weights) + len(head.weights) == len(whole.weights)

"""Up to which layer a network gives the same for the same image."""

from __future__ import annotations

from typing import Any

import pytest

from cnnbench.config.architecture import load_architecture
from cnnbench.config.network.fixed import fixed_part, output_of
from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.spec import expand

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
def test_the_fixed_part_ends_as_far_back_as_nothing_changes(layers: list[Any], freeze: Any, cut: str | None) -> None:
    nodes = expand(layers)
    fixed = fixed_part(nodes, frozen_layers(nodes, freeze))
    assert (output_of(fixed[-1]) if fixed else None) == cut


def test_a_published_network_is_cut_before_its_last_layer() -> None:
    resnet = load_architecture("resnet18")
    nodes = expand(resnet.layers, resnet.blocks, resnet.parameters)
    assert output_of(fixed_part(nodes, frozen_layers(nodes, "base"))[-1]) == "global_average_pooling2d_1"

"""The shapes of weights without Keras against Keras' own, and what arguments need of them."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import yaml

from cnnbench.catalogue.signatures import in_full
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand
from cnnbench.config.network.weights import parameters
from cnnbench.errors import ConfigError
from tests.builders.networks import network

# Layers on images of 12x10x4.
CASES = """
- {Conv2D: {filters: 6, kernel_size: [3, 2], groups: 2}}
- {Conv2D: {filters: 5, kernel_size: 3, use_bias: false}}
- {Conv2DTranspose: {filters: 5, kernel_size: 3, strides: 2}}
- {DepthwiseConv2D: {kernel_size: 3, depth_multiplier: 2}}
- {SeparableConv2D: {filters: 5, kernel_size: 3, depth_multiplier: 2}}
- {SparseConv2D: {filters: 2, kernel_size: [3, 2], connections: [[0, 3], [1]]}}
- {PatchWhitening: {kernel_size: [3, 2]}}
- {PatchWhitening: {kernel_size: 2, use_bias: false}}
- {Dense: {units: 7}}
- BatchNormalization
- {BatchNormalization: {scale: false}}
- {LayerNormalization: {axis: [1, 3]}}
- {LayerNormalization: {center: false}}
- {GroupNormalization: {groups: 2}}
- {RMSNormalization: {axis: [-2, -1]}}
- UnitNormalization
- {PReLU: {shared_axes: [1, 2]}}
- PReLU
- {Dropout: {rate: 0.1}}
"""


@pytest.mark.parametrize("layer", yaml.safe_load(CASES), ids=str)
def test_as_many_parameters_as_in_keras(layer: Any) -> None:
    model: keras.Model = network([layer, "Flatten", "classifier"], (12, 10, 4))
    [(kind, args)] = layer.items() if isinstance(layer, dict) else [(layer, {})]
    assert parameters(kind, in_full(kind, args), (12, 10, 4)) == model.layers[2].count_params()


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("{LayerNormalization: {axis: 3}}", ""),
        ("[Flatten, {LayerNormalization: {axis: [1]}}]", ""),
        ("[Flatten, {LayerNormalization: {axis: [2]}}]", "LayerNormalization.axis: its input has the axes 1 to 1"),
        ("[Flatten, {UnitNormalization: {axis: [1, -1]}}]", "UnitNormalization.axis: expected different axes"),
        ("{RMSNormalization: {axis: [3, -1]}}", "RMSNormalization.axis: expected different axes, found [3, -1]"),
        ("{RMSNormalization: {axis: [1, 2, -1]}}", ""),
        ("{RMSNormalization: {axis: [-1, -2]}}", "RMSNormalization.axis: expected the last axes in order"),
        ("{RMSNormalization: {axis: 1}}", "RMSNormalization.axis: expected the last axes in order"),
        ("[Flatten, {PReLU: {shared_axes: [2]}}]", "PReLU.shared_axes: its input has the axes 1 to 1"),
        ("{PReLU: {shared_axes: [1, 1]}}", "PReLU.shared_axes: expected different axes"),
        ("{PReLU: {alpha_constraint: {MaxNorm: {axis: 3}}}}", "alpha_constraint: MaxNorm: this weight has the axes 0"),
        ("[Flatten, {Dense: {units: 2, activity_regularizer: orthogonal_regularizer}}]", ""),
        ("{Dense: {units: 2, activity_regularizer: orthogonal_regularizer}}", "OrthogonalRegularizer needs a matrix"),
        ("{AdaptiveAveragePooling2D: {output_size: [12, 20]}}", ""),
        ("[Cropping2D: {cropping: [[0, 11], 0]}, AdaptiveMaxPooling2D: {output_size: 2}]", "cannot make 2x2 of 1x10"),
        (
            "[Cropping2D: {cropping: [0, [9, 0]]}, AdaptiveAveragePooling2D: {output_size: 2}]",
            "cannot make 2x2 of 12x1",
        ),
        ("{ZeroPadding2D: {padding: 1000000000}}", "more values than 1000000000000"),
        ("{Conv2D: {filters: 1, kernel_size: 1000000000, padding: same}}", "its kernel has 4000000000000000000 values"),
    ],
)
def test_axes_and_sizes_that_only_the_input_tells(layer: str, told: str) -> None:
    read = yaml.safe_load(layer)
    nodes = expand([*(read if isinstance(read, list) else [read]), "Flatten", "classifier"])
    if not told:
        infer(nodes, (12, 10, 4), 3)
        return
    with pytest.raises(ConfigError) as raised:
        infer(nodes, (12, 10, 4), 3)
    assert told in str(raised.value)

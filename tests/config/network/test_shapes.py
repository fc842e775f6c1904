from __future__ import annotations

from typing import Any

import keras
import pytest
import yaml

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.signatures import check_call
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand, walk
from cnnbench.errors import ConfigError
from cnnbench.model.summary import summarize
from tests.builders.networks import network

# One line per network of one or two layers; each is compared with the Keras model made of it.
CASES = """
- [{Conv2D: {filters: 5, kernel_size: 3}}]
- [{Conv2D: {filters: 5, kernel_size: [1, 4], strides: [2, 3]}}]
- [{Conv2D: {filters: 5, kernel_size: 3, strides: 2, padding: same}}]
- [{Conv2D: {filters: 5, kernel_size: 3, dilation_rate: 2}}]
- [{Conv2D: {filters: 6, kernel_size: 3, groups: 2}}]
- [{Conv2D: {filters: 4, kernel_size: 9}}]
- [{Conv2DTranspose: {filters: 5, kernel_size: 3, strides: 2}}]
- [{Conv2DTranspose: {filters: 5, kernel_size: 2, strides: 3}}]
- [{Conv2DTranspose: {filters: 5, kernel_size: 3, strides: 2, padding: same}}]
- [{Conv2DTranspose: {filters: 5, kernel_size: 4, strides: 2, padding: same, output_padding: 1}}]
- [{Conv2DTranspose: {filters: 5, kernel_size: 3, strides: [2, 3], output_padding: [1, 2]}}]
- [{DepthwiseConv2D: {kernel_size: 3, depth_multiplier: 2}}]
- [{DepthwiseConv2D: {kernel_size: 3, strides: 2, padding: same}}]
- [{SeparableConv2D: {filters: 5, kernel_size: 3, depth_multiplier: 2}}]
- [{SparseConv2D: {filters: 2, kernel_size: [3, 2], connections: [[0, 3], [1]]}}]
- [{PatchWhitening: {kernel_size: 2}}]
- [{PatchWhitening: {kernel_size: [3, 2], strides: [1, 2], padding: same}}]
- [{MaxPooling2D: {}}]
- [{MaxPooling2D: {pool_size: 3, strides: 2}}]
- [{MaxPooling2D: {pool_size: 3, strides: 2, padding: same}}]
- [{AveragePooling2D: {pool_size: [2, 3], strides: null}}]
- [GlobalMaxPooling2D]
- [{GlobalAveragePooling2D: {keepdims: true}}]
- [{AdaptiveMaxPooling2D: {output_size: [2, 4]}}]
- [{AdaptiveAveragePooling2D: {output_size: 3}}]
- [{Dense: {units: 7}}]
- [Flatten, {Dense: {units: 7}}]
- [Flatten, {Reshape: {target_shape: [4, -1]}}]
- [{Reshape: {target_shape: [9, 40]}}]
- [{Permute: {dims: [3, 1, 2]}}]
- [{ZeroPadding2D: {}}]
- [{ZeroPadding2D: {padding: [1, 2]}}]
- [{ZeroPadding2D: {padding: [[1, 2], [0, 3]]}}]
- [{Cropping2D: {cropping: 1}}]
- [{Cropping2D: {cropping: [[1, 2], [0, 3]]}}]
- [Cropping2D]
- [UpSampling2D]
- [{UpSampling2D: {size: [3, 1]}}]
- [BatchNormalization]
- [LayerNormalization]
- [{GroupNormalization: {groups: 2}}]
- [{GroupNormalization: {groups: -1}}]
- [UnitNormalization]
- [RMSNormalization]
- [LocalResponseNormalization]
- [{ChannelShuffle: {groups: 2}}]
- [{Activation: {activation: gelu}}]
- [ScaledTanh]
- [ReLU]
- [LeakyReLU]
- [{PReLU: {shared_axes: [1, 2]}}]
- [ELU]
- [Softmax]
- [{Dropout: {rate: 0.1}}]
- [{SpatialDropout2D: {rate: 0.1}}]
- [{AlphaDropout: {rate: 0.1}}]
- [{GaussianDropout: {rate: 0.1}}]
- [{GaussianNoise: {stddev: 0.1}}]
- [{ActivityRegularization: {l2: 0.1}}]
- [Identity]
- [{branches: {merge: Concatenate, paths: [[], [{Conv2D: {filters: 3, kernel_size: 1}}], [ReLU, ELU]]}}]
- [{branches: {merge: Multiply, paths: [[], [{GlobalAveragePooling2D: {keepdims: true}}, {Dense: {units: 4}}]]}}]
- [{branches: {merge: Add, paths: [[Flatten], [Flatten]]}}]
- [{branches: {merge: Average, paths: [[ReLU], []]}}]
- [{branches: {merge: Maximum, paths: [[ReLU], [ELU]]}}]
- [{residual: {layers: [ReLU]}}]
- [{residual: {layers: [ReLU, {Conv2D: {filters: 2, kernel_size: 3}}], activation: relu,
               shortcut: [{Conv2D: {filters: 2, kernel_size: 3}}]}}]
"""
NETWORKS = yaml.safe_load(CASES)
SHAPE = (9, 10, 4)


def test_every_layer_of_the_language_has_a_rule_and_a_case() -> None:
    assert {layer.kind for case in NETWORKS for layer in walk(expand(case))} == set(LAYERS) - {
        "Application",
        "classifier",
    }


@pytest.mark.parametrize("layers", NETWORKS, ids=str)
def test_shapes_and_macs_are_those_of_the_built_network(layers: list[Any]) -> None:
    nodes = expand([*layers, "Flatten", "classifier"])
    assert [check_call("LAYERS", layer.kind, layer.args) for layer in walk(nodes)] == [[]] * len(list(walk(nodes)))
    expected = {row.name: (row.kind, row.output_shape, row.macs) for row in infer(nodes, SHAPE, 3)}
    rows = summarize(network([*layers, "Flatten", "classifier"], SHAPE)).layers
    found = {row["name"]: (row["kind"], tuple(row["output_shape"]), row["macs"]) for row in rows}
    assert found.pop("normalization") == ("Rescaling", SHAPE, 0)
    assert found == expected
    keras.backend.clear_session()


MISFITS = {
    "kernel": ("[{Conv2D: {filters: 1, kernel_size: 10}}]", "Conv2D: kernel 10x10 is larger than its map 9x10"),
    "dilated": (
        "[{Conv2D: {filters: 1, kernel_size: 5, dilation_rate: 3}}]",
        "Conv2D: kernel 5x5 (dilated to 13x13) is larger than its map 9x10 (padding: valid)",
    ),
    "pool": ("[{MaxPooling2D: {pool_size: [2, 11]}}]", "MaxPooling2D: pool 2x11 is larger than its map 9x10"),
    "both": (
        "[{Conv2D: {filters: 1, kernel_size: 2, strides: 2, dilation_rate: 2}}]",
        "Conv2D: strides and dilation_rate cannot both be larger than 1",
    ),
    "both, transposed": (
        "[{Conv2DTranspose: {filters: 1, kernel_size: 2, dilation_rate: [1, 2]}}]",
        "Conv2DTranspose: a dilation_rate larger than 1 is not known to TensorFlow's kernels for CPUs",
    ),
    "groups of channels": (
        "[{Conv2D: {filters: 6, kernel_size: 1, groups: 3}}]",
        "Conv2D: groups: 3 must divide its 4 input channels and its 6 filters",
    ),
    "groups of filters": (
        "[{Conv2D: {filters: 3, kernel_size: 1, groups: 2}}]",
        "Conv2D: groups: 2 must divide its 4 input channels and its 3 filters",
    ),
    "normalised groups": ("[GroupNormalization]", "GroupNormalization: groups: 32 must divide its 4 channels"),
    "shuffled groups": ("[{ChannelShuffle: {groups: 3}}]", "ChannelShuffle: groups: 3 must divide its 4 channels"),
    "too few connections": (
        "[{SparseConv2D: {filters: 2, kernel_size: 1, connections: [[0]]}}]",
        "SparseConv2D: connections: needs a list for each of its 2 filters, found 1",
    ),
    "a channel too many": (
        "[{SparseConv2D: {filters: 1, kernel_size: 1, connections: [[3, 4]]}}]",
        "SparseConv2D: connections: input channels are 0 to 3, found 4",
    ),
    "no map": (
        "[Flatten, {Conv2D: {filters: 1, kernel_size: 1}}]",
        "Conv2D: needs a map (height x width x channels), found 360 values",
    ),
    "reshape": (
        "[{Reshape: {target_shape: [7, -1]}}]",
        "Reshape: target_shape [7, -1] does not hold the 360 values of 9x10x4",
    ),
    "reshape twice free": ("[{Reshape: {target_shape: [-1, -1]}}]", "Reshape: target_shape [-1, -1] does not hold"),
    "permute": ("[{Permute: {dims: [1, 2]}}]", "Permute: dims [1, 2] must hold each of 1 to 3 once"),
    "cropping": ("[{Cropping2D: {cropping: 5}}]", "Cropping2D: cropping 10x10 leaves nothing of its map 9x10"),
    "concatenation": (
        "[{branches: {merge: Concatenate, paths: [[], [MaxPooling2D]]}}]",
        "branches: Concatenate needs paths of the same height and width, found 9x10x4, 4x5x4",
    ),
    "addition": (
        "[{branches: {merge: Add, paths: [[], [{Conv2D: {filters: 2, kernel_size: 1}}]]}}]",
        "branches: Add needs paths of the same shape (or 1 along an axis), found 9x10x4, 9x10x2",
    ),
    "other rank": (
        "[{branches: {merge: Multiply, paths: [[], [GlobalAveragePooling2D]]}}]",
        "branches: Multiply needs paths of the same shape (or 1 along an axis), found 9x10x4, 4 values",
    ),
    "residual": (
        "[{residual: {layers: [{Conv2D: {filters: 8, kernel_size: 3}}]}}]",
        "residual: its layers give 7x8x8, its shortcut 9x10x4; they are added and must have the same shape",
    ),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_layer_that_does_not_fit_is_told_in_one_line(misfit: str) -> None:
    text, expected = MISFITS[misfit]
    nodes = expand([*yaml.safe_load(text), "Flatten", "classifier"])
    with pytest.raises(ConfigError) as raised:
        infer(nodes, SHAPE, 3)
    [line] = raised.value.problems
    assert line.startswith("model.layers[") and expected in line


CLASSIFIERS = {
    "missing": (
        "[Flatten]",
        "model.layers[0].Flatten: the last layer must be classifier, or give a probability for each",
    ),
    "no softmax": ("[Flatten, {Dense: {units: $classes}}]", "by a softmax; it gives 3 values for 3 classes"),
    "too many": ("[Flatten, {Dense: {units: 4, activation: softmax}}]", "it gives 4 values for 3 classes"),
    "map": ("[{Conv2D: {filters: 3, kernel_size: 1, activation: softmax}}]", "it gives 9x10x3 for 3 classes"),
    "not last": ("[Flatten, classifier, ReLU]", "model.layers[1].classifier: classifier must be the last layer"),
    "twice": ("[Flatten, classifier, classifier]", "model.layers[1].classifier: classifier must be the last layer"),
    "inside": (
        "[Flatten, {residual: {layers: [classifier]}}]",
        "model.layers[1].residual.layers[0].classifier: classifier must be the last layer",
    ),
    "on a map": ("[ReLU, classifier]", "model.layers[1].classifier: needs a vector; put Flatten or"),
}


@pytest.mark.parametrize("case", CLASSIFIERS)
def test_the_classifier_ends_the_network(case: str) -> None:
    text, expected = CLASSIFIERS[case]
    with pytest.raises(ConfigError) as raised:
        infer(expand(yaml.safe_load(text)), SHAPE, 3)
    [line] = raised.value.problems
    assert expected in line

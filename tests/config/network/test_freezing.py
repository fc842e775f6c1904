"""Which layers are frozen follows from the network's order, the head and the patterns alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand, network_of
from cnnbench.model.inspection import planned

CONV = {"Conv2D": {"filters": 4, "kernel_size": 1}}
NETWORK = [{"Dropout": {"rate": 0.1}}, CONV, "BatchNormalization", {"Dropout": {"rate": 0.2}}, CONV, "ReLU"]
HEAD = ["Flatten", {"Dropout": {"rate": 0.3}}, "classifier"]


def frozen(layers: Sequence[Any], freeze: Any, freed: Sequence[str] = ()) -> tuple[str, ...]:
    return frozen_layers(expand(layers), freeze, freed)


def test_base_is_all_up_to_the_last_layer_with_weights_before_the_head() -> None:
    assert frozen([*NETWORK, *HEAD], "base") == (
        *("dropout_1", "conv2d_1", "batch_normalization_1", "dropout_2", "conv2d_2"),
    )  # and neither relu_1 nor dropout_3, which come after it


def test_a_head_of_several_layers_learns_as_a_whole() -> None:
    assert frozen([CONV, "Flatten", "classifier"], "base") == ("conv2d_1",)
    squeezed = [CONV, {"Conv2D": {"filters": "$classes", "kernel_size": 1}}, "GlobalAveragePooling2D", "Softmax"]
    assert frozen(squeezed, "base") == ("conv2d_1",)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["conv2d_1"], ("dropout_1", "conv2d_1")),
        (["conv2d_2"], ("conv2d_2",)),
        (["conv2d_*"], ("dropout_1", "conv2d_1", "conv2d_2")),  # the batch normalisation between them learns
        (["batch*", "conv2d_2"], ("batch_normalization_1", "dropout_2", "conv2d_2")),
        (["conv2d_1", "dropout_3"], ("dropout_1", "conv2d_1", "dropout_3")),
    ],
)
def test_patterns_freeze_what_they_match_and_what_lies_between(patterns: list[str], expected: tuple[str, ...]) -> None:
    assert frozen([*NETWORK, *HEAD], patterns) == expected


def test_freed_layers_learn_with_what_follows_them() -> None:
    assert frozen([*NETWORK, *HEAD], "base", ["conv2d_2"]) == ("dropout_1", "conv2d_1", "batch_normalization_1")
    assert frozen([*NETWORK, *HEAD], "base", ["conv2d_2", "*"]) == ()


@pytest.mark.parametrize(
    ("architecture", "trainable"),
    [("vgg16", 40_970), ("vgg19", 40_970), ("resnet18", 5_130), ("resnet34", 5_130), ("resnet50", 20_490)],
)
def test_heads_of_ten_classes_have_the_parameters_of_the_study(architecture: str, trainable: int) -> None:
    plan = planned(architecture, ["model.freeze=base"], (224, 224, 3), 10)
    nodes = network_of(plan.config.model)
    assert plan.config.model.freeze == "base"
    rows, still = infer(nodes, plan.shape, plan.classes), frozen_layers(nodes, "base")
    assert sum(layer.parameters for layer in rows if layer.name not in still) == trainable

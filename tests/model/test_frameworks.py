"""Shapes of the layers of shipped networks against the same networks of keras.applications and torchvision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import keras
import pytest
import yaml

from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.config.network.spec import expand
from tests.builders.networks import ARCHITECTURES

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense")
POOLS = ("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D")
LAYERS = (*CONVOLUTIONS, *POOLS, "BatchNormalization", "Concatenate", "Add")

IN_KERAS = {  # theirs, and what our file needs said to be theirs
    "densenet121": ("DenseNet121", {}),
    "densenet201": ("DenseNet201", {}),
    "inceptionv3": ("InceptionV3", {"scale": False, "pool_border": 0, "pool_padding": "same"}),
    "mobilenetv2": ("MobileNetV2", {"padding": [[0, 1], [0, 1]]}),
    "vgg16": ("VGG16", {}),
    "vgg19": ("VGG19", {}),
    "xception": ("Xception", {}),
}
IN_TORCHVISION = {
    "densenet121": "densenet121",
    "densenet201": "densenet201",
    "inceptionv3": "inception_v3",
    "mobilenetv2": "mobilenet_v2",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "resnet101": "resnet101",
    "squeezenet1.0": "squeezenet1_0",
    "squeezenet1.1": "squeezenet1_1",
    "vgg11": "vgg11",
    "vgg13": "vgg13",
    "vgg16": "vgg16",
    "vgg16-bn": "vgg16_bn",
    "vgg19": "vgg19",
}


def ours(name: str, parameters: Mapping[str, Any] | None = None) -> tuple[tuple[int, int, int], list[LayerShape]]:
    document = yaml.safe_load((ARCHITECTURES / f"{name}.yaml").read_text(encoding="utf-8"))
    said = {**document["parameters"], **parameters} if parameters else document.get("parameters")
    height, width, channels = document["input"]
    nodes = expand(document["layers"], document.get("blocks"), said)
    return (height, width, channels), infer(nodes, (height, width, channels), document["classes"])


def of_keras(name: str) -> list[tuple[str, tuple[int, ...], int]]:
    """Kind, output shape and number of weights of each layer."""
    try:
        model = getattr(keras.applications, name)(weights=None)
        return [(type(layer).__name__, layer.output.shape[1:], layer.count_params()) for layer in model.layers]
    finally:
        keras.backend.clear_session()


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_KERAS)
def test_layers_are_those_of_keras_applications(name: str) -> None:
    theirs, parameters = IN_KERAS[name]
    _, rows = ours(name, parameters)
    found = Counter((row.kind, row.output_shape, row.parameters) for row in rows if row.kind in LAYERS)
    assert found == Counter(row for row in of_keras(theirs) if row[0] in LAYERS)


@pytest.mark.parametrize("name", IN_TORCHVISION)
def test_convolutions_are_those_of_torchvision_in_its_order(name: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    import torch

    shape, rows = ours(name)
    shapes: list[tuple[int, ...]] = []
    with torch.device("meta"):
        extra = {"aux_logits": False, "init_weights": False} if name == "inceptionv3" else {}
        model = getattr(torchvision.models, IN_TORCHVISION[name])(**extra).eval()
        for module in model.modules():
            if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
                module.register_forward_hook(lambda _module, _given, made: shapes.append(tuple(made.shape[1:])))
        model(torch.empty(1, shape[2], *shape[:2]))
    assert [row.output_shape for row in rows if row.kind in CONVOLUTIONS] == [
        (*size[1:], size[0]) if len(size) == 3 else size for size in shapes
    ]

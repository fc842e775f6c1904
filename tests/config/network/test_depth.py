from __future__ import annotations

import pytest

from cnnbench.config.network.depth import depth_of
from tests.builders.networks import shipped

PUBLISHED = {
    "alexnet": 8,
    "densenet121": 121,
    "densenet201": 201,
    "efficientnet-lite0": 50,
    "googlenet": 22,
    "inceptionv3": 48,
    "mobilenetv2": 53,
    "resnet8": 8,
    "resnet18": 18,
    "resnet20": 20,
    "resnet34": 34,
    "resnet50": 50,
    "resnet101": 101,
    "shufflenet": 50,
    "squeezenet1.0": 18,
    "squeezenet1.1": 18,
    "vgg16": 16,
    "vgg19": 19,
    "xception": 71,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_convolutions_and_dense_layers_on_the_longest_path(name: str) -> None:
    assert depth_of(shipped(name)[0]) == PUBLISHED[name]

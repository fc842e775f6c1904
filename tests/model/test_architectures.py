from __future__ import annotations

from typing import Any

import keras
import pytest

from cnnbench.config.network.shapes import infer
from cnnbench.model.summary import Summary, summarize
from tests.builders.networks import ARCHITECTURES, built, shipped

# name: (all, not trainable) at the input and classes the file states
PARAMETERS = {
    "alexnet": (60_965_224, 0),
    "densenet121": (7_978_856 + 83_648, 83_648),
    "densenet201": (20_013_928 + 229_056, 229_056),
    "efficientnet-lite0": (4_652_008 + 42_016, 42_016),
    "googlenet": (6_998_552, 0),
    "inceptionv3": (23_834_568 + 34_432, 34_432),
    "jakhwal-cnn": (160_202, 0),
    "jakhwal-cnn-pytorch": (356_810, 0),
    "lenet5": (61_706, 0),
    "lenet5-1998": (60_000 + 850, 0),
    "mlp": (404_010, 0),
    "mobilenetv2": (3_504_872 + 34_112, 34_112),
    "nasnetlarge": (88_753_150 + 196_668, 196_668),
    "nasnetmobile": (5_289_978 + 36_738, 36_738),
    "network-in-network": (966_986, 0),
    "petre-cnn": (329_194, 384),
    "resnet18": (11_689_512 + 9_600, 9_600),
    "resnet18-32": (11_173_962 + 9_600, 9_600),
    "resnet20": (269_722 + 1_376, 1_376),
    "resnet34": (21_797_672 + 17_024, 17_024),
    "resnet50": (25_557_032 + 53_120, 53_120),
    "resnet8": (78_666, 480),
    "resnet101": (44_549_160 + 105_344, 105_344),
    "simple-cnn": (82_826, 0),
    "shufflenet": (1_395_312 + 26_832, 26_832),
    "squeezenet1.0": (1_248_424, 0),
    "squeezenet1.1": (1_235_496, 0),
    "thesis-cnn": (551_978, 704),
    "thesis-cnn-growing-dropout": (551_978, 704),
    "vgg-small": (815_466, 896),
    "vgg-tiny": (204_570, 0),
    "vgg11": (132_863_336, 0),
    "vgg13": (133_047_848, 0),
    "vgg16": (138_357_544, 0),
    "vgg16-bn": (138_357_544 + 4 * 4_224, 2 * 4_224),
    "vgg19": (143_667_240, 0),
    "xception": (22_855_952 + 54_528, 54_528),
}

BUILT_MACS = {"nasnetlarge": 23.78, "nasnetmobile": 0.56}  # what only Keras can count
LONG_TO_BUILD = (
    "densenet121",
    "densenet201",
    "googlenet",
    "inceptionv3",
    "nasnetlarge",
    "nasnetmobile",
    "resnet101",
    "shufflenet",
    "xception",
)

MACS = {  # billions, as the literature rounds them
    "alexnet": 0.72,
    "densenet121": 2.83,
    "densenet201": 4.29,
    "efficientnet-lite0": 0.39,
    "googlenet": 1.58,
    "inceptionv3": 5.71,
    "mobilenetv2": 0.30,
    "resnet18": 1.81,
    "resnet34": 3.66,
    "resnet50": 4.09,
    "resnet101": 7.80,
    "squeezenet1.0": 0.83,
    "squeezenet1.1": 0.35,
    "vgg16": 15.47,
    "vgg19": 19.63,
    "xception": 8.36,
}


def summary_of(name: str) -> Summary:
    """Build, count and let go again: the largest network takes half a gigabyte."""
    try:
        return summarize(built(name))
    finally:
        keras.backend.clear_session()


def test_every_shipped_architecture_is_listed_here() -> None:
    assert set(PARAMETERS) == {path.stem for path in ARCHITECTURES.glob("*.yaml")}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_and_macs(name: str) -> None:
    rows = infer(*shipped(name))
    total, frozen = PARAMETERS[name]
    assert sum(row.parameters for row in rows) == total
    if rows[0].kind != "Application":
        assert sum(row.parameters // 2 for row in rows if row.kind == "BatchNormalization") == frozen
    if name in MACS:
        assert round(sum(row.macs for row in rows) / 1e9, 2) == MACS[name]


def built_ones() -> list[Any]:
    """The largest networks take Keras ten seconds and more."""
    return [pytest.param(name, marks=[pytest.mark.slow] if name in LONG_TO_BUILD else []) for name in PARAMETERS]


@pytest.mark.parametrize("name", built_ones())
def test_keras_builds_what_is_counted(name: str) -> None:
    summary = summary_of(name)
    total, frozen = PARAMETERS[name]
    assert summary.parameters == {"total": total, "trainable": total - frozen, "non_trainable": frozen}
    inferred = {row.name: (row.kind, row.output_shape, row.macs) for row in infer(*shipped(name))}
    if name.startswith("nasnet"):
        assert round(summary.macs / 1e9, 2) == BUILT_MACS[name]
        return
    rows = {row["name"]: (row["kind"], tuple(row["output_shape"]), row["macs"]) for row in summary.layers}
    del rows["normalization"]
    assert rows == inferred


@pytest.mark.parametrize(("name", "total"), [("petre-cnn", 267_178), ("mlp", 111_146)])
def test_parameters_on_fashion_mnist(name: str, total: int) -> None:
    assert summarize(built(name, (28, 28, 1), 10)).parameters["total"] == total


def test_lenet5_1998_layer_by_layer() -> None:
    rows = [row for row in summary_of("lenet5-1998").layers if row["parameters"]]
    assert [(row["name"], row["parameters"], row["output_shape"]) for row in rows] == [
        ("C1", 156, [28, 28, 6]),
        ("depthwise_conv2d_1", 12, [14, 14, 6]),
        ("C3", 1516, [10, 10, 16]),
        ("depthwise_conv2d_2", 32, [5, 5, 16]),
        ("C5", 48120, [1, 1, 120]),
        ("F6", 10164, [84]),
        ("logits", 850, [10]),
    ]


def test_alexnet_has_the_maps_of_the_paper() -> None:
    rows = summary_of("alexnet").layers
    shapes = [tuple(row["output_shape"]) for row in rows if row["kind"] in ("Conv2D", "MaxPooling2D")]
    assert shapes == [
        (55, 55, 96),
        (27, 27, 96),
        (27, 27, 256),
        (13, 13, 256),
        (13, 13, 384),
        (13, 13, 384),
        (13, 13, 256),
        (6, 6, 256),
    ]

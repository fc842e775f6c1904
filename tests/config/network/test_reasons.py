"""Formulas of sizes and parameters: their arithmetic is done here, for every layer of every shipped network."""

from __future__ import annotations

import re
from math import ceil, floor
from typing import Any

import pytest

from cnnbench.catalogue.formulas import OUTPUTS, WEIGHTS
from cnnbench.catalogue.layers import LAYERS
from cnnbench.config.network.reasons import Reason, Unshared, reasons
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand
from tests.builders.networks import ARCHITECTURES, shipped

NETWORKS = sorted(path.stem for path in ARCHITECTURES.glob("*.yaml"))


def of(*layers: Any, shape: tuple[int, int, int] = (32, 32, 3)) -> list[Reason]:
    return reasons(infer(expand([*layers, "Flatten", "classifier"]), shape, 10))


def results(formula: str) -> list[int]:
    """Do the arithmetic of `6 x (5x5x1 + 1) = 156` and hold it to what stands behind the equals sign."""
    found = []
    for part in formula.split("; "):
        arithmetic, _, result = part.partition(" = ")
        plain = re.sub(r" learnt| measured", "", arithmetic).replace("x", "*")
        assert eval(plain, {"ceil": ceil, "floor": floor}) == int(result), formula
        found.append(int(result))
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_the_arithmetic_gives_what_the_network_has(name: str) -> None:
    for row in reasons(infer(*shipped(name))):
        if "=" in row.output_formula:
            assert set(results(row.output_formula)) <= set(row.output_shape), row
        assert results(row.parameters_formula) == [row.parameters] if row.parameters else not row.parameters_formula


def test_every_rule_has_its_formula() -> None:
    assert {row.rule for row in LAYERS.values()} <= set(OUTPUTS)
    assert {row.weights for row in LAYERS.values()} <= set(WEIGHTS)


@pytest.mark.parametrize(
    ("layer", "output", "parameters"),
    [
        ({"Conv2D": {"filters": 6, "kernel_size": 5}}, "32 - 5 + 1 = 28", "6 x (5x5x3 + 1) = 456"),
        ({"Conv2D": {"filters": 6, "kernel_size": [3, 1]}}, "32 - 3 + 1 = 30; 32 - 1 + 1 = 32", "6 x (3x1x3 + 1) = 60"),
        (
            {"Conv2D": {"filters": 6, "kernel_size": 3, "strides": 2, "use_bias": False}},
            "floor((32 - 3)/2) + 1 = 15",
            "6 x 3x3x3 = 162",
        ),
        (
            {"Conv2D": {"filters": 6, "kernel_size": 3, "dilation_rate": 2, "groups": 3}},
            "32 - 5 + 1 = 28",
            "6 x (3x3x1 + 1) = 60",
        ),
        ({"Conv2D": {"filters": 6, "kernel_size": 5, "strides": 3, "padding": "same"}}, "ceil(32/3) = 11", None),
        (
            {"SeparableConv2D": {"filters": 8, "kernel_size": 3, "depth_multiplier": 2}},
            "32 - 3 + 1 = 30",
            "6 x 3x3 + 8 x (6 + 1) = 110",
        ),
        (
            {"DepthwiseConv2D": {"kernel_size": 3, "depth_multiplier": 2}},
            "32 - 3 + 1 = 30",
            "6 x (3x3 + 1) = 60",
        ),
        (
            {"Conv2DTranspose": {"filters": 4, "kernel_size": 3, "strides": 2}},
            "(32 - 1) x 2 + 3 = 65",
            "4 x (3x3x3 + 1) = 112",
        ),
        ({"Conv2DTranspose": {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"}}, "32 x 2 = 64", None),
        ({"MaxPooling2D": {"pool_size": 3, "strides": 2}}, "floor((32 - 3)/2) + 1 = 15", ""),
        ({"Dense": {"units": 5}}, "a value for each unit", "5 x (3 + 1) = 20"),
        ("BatchNormalization", "as its input", "(2 learnt + 2 measured) x 3 = 12"),
        ({"LayerNormalization": {"axis": [1, 2]}}, "as its input", "2 x 32 x 32 = 2048"),
        ("PReLU", "as its input", "1 x 32 x 32 x 3 = 3072"),
        ({"ZeroPadding2D": {"padding": [[1, 2], [0, 3]]}}, "32 + 3 = 35", ""),
        ({"Cropping2D": {"cropping": [1, 4]}}, "32 - 2 = 30; 32 - 8 = 24", ""),
        ({"UpSampling2D": {"size": 2}}, "32 x 2 = 64", ""),
    ],
)
def test_formulas(layer: Any, output: str, parameters: str | None) -> None:
    first = of(layer)[0]
    assert first.output_formula == output
    if parameters is not None:
        assert first.parameters_formula == parameters
    for formula in (first.output_formula, first.parameters_formula):
        if "=" in formula:
            results(formula)


def test_the_last_layers_and_merges() -> None:
    paths = [[{"Conv2D": {"filters": 6, "kernel_size": 1}}], []]
    _, merged, flat, classifier, shares = of({"branches": {"merge": "Concatenate", "paths": paths}})
    assert merged.output_formula == "6 + 3 = 9"
    assert flat.output_formula == "32 x 32 x 9 = 9216"
    assert classifier.parameters_formula == "10 x (9216 + 1) = 92170"
    assert (shares.output_formula, shares.parameters_formula) == ("as its input", "")


def test_what_a_convolution_saves() -> None:
    """LeCun et al. 1998, II.A: 3,072 values all connected to 4,704, to 75 each, or by shared weights."""
    assert of({"Conv2D": {"filters": 6, "kernel_size": 5}})[0].unshared == Unshared(14_450_688, 352_800, 450)
    assert of({"Dense": {"units": 5}})[0].unshared is None

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import Branches, Layer, Node, Residual, expand, walk
from cnnbench.errors import ConfigError


@dataclass(frozen=True)
class Mark:
    file: str
    line: int


def read(text: str) -> list[Node]:
    document = yaml.safe_load(text)
    return expand(document["layers"], document.get("blocks"), document.get("parameters"))


def kinds(nodes: list[Node]) -> list[str]:
    return [layer.kind for layer in walk(nodes)]


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return list(raised.value.problems)


def test_layers_keep_order_arguments_and_place() -> None:
    nodes = read("layers: [{Conv2D: {filters: 4, kernel_size: 3}}, Flatten, {Dense: }]")
    assert nodes == [
        Layer("Conv2D", {"filters": 4, "kernel_size": 3}, "model.layers[0].Conv2D", "conv2d_1"),
        Layer("Flatten", {}, "model.layers[1].Flatten", "flatten_1"),
        Layer("Dense", {}, "model.layers[2].Dense", "dense_1"),
    ]


def test_repeat_unrolls() -> None:
    nodes = read("layers: [{repeat: {times: 3, layers: [Flatten, ReLU]}}]")
    assert kinds(nodes) == ["Flatten", "ReLU"] * 3
    assert [n.name for n in nodes] == ["flatten_1", "relu_1", "flatten_2", "relu_2", "flatten_3", "relu_3"]


def test_block_parameters_are_filled_in_through_nested_blocks() -> None:
    nodes = read("""
blocks:
  conv: {parameters: [n, size], layers: [{Conv2D: {filters: $n, kernel_size: $size}}]}
  stage: {parameters: [n, times], layers: [{repeat: {times: $times, layers: [{conv: {n: $n, size: [1, 3]}}]}}]}
layers: [{stage: {n: 7, times: 2}}]
""")
    assert [dict(layer.args) for layer in walk(nodes)] == [{"filters": 7, "kernel_size": [1, 3]}] * 2


def test_the_number_of_classes_is_known_everywhere() -> None:
    nodes = read("""
blocks: {head: {parameters: [n], layers: [{Conv2D: {filters: $n, kernel_size: 1}}, {Dense: {units: $classes}}]}}
layers: [{head: {n: $classes}}, Flatten, classifier]
""")
    shapes = [row.output_shape for row in infer(nodes, (3, 3, 1), 7)]
    assert shapes == [(3, 3, 7), (3, 3, 7), (63,), (7,), (7,)]


def test_a_parameter_cannot_be_called_as_the_number_of_classes_is() -> None:
    [line] = problems("blocks: {b: {parameters: [classes], layers: [{Dense: {units: $classes}}]}}\nlayers: [b]")
    assert line == "model.blocks.b.parameters: $classes stands for the number of classes; choose another name"


def test_parameters_of_the_network_stand_in_its_layers() -> None:
    nodes = read("""
parameters: {depth: 2, width: 5}
blocks: {stage: {parameters: [n], layers: [{Dense: {units: $n}}]}}
layers: [{repeat: {times: $depth, layers: [{stage: {n: $width}}]}}]
""")
    assert [dict(layer.args) for layer in walk(nodes)] == [{"units": 5}] * 2


def test_parameters_of_the_network_stand_in_its_blocks_too_unless_these_have_their_own() -> None:
    nodes = read("""
parameters: {n: 2, epsilon: 0.1}
blocks:
  bn: {layers: [{BatchNormalization: {epsilon: $epsilon}}]}
  own: {parameters: [n], layers: [{Dense: {units: $n}}, bn]}
layers: [{own: {n: 5}}, {own: {n: $n}}]
""")
    assert [dict(layer.args) for layer in walk(nodes)] == [
        {"units": 5},
        {"epsilon": 0.1},
        {"units": 2},
        {"epsilon": 0.1},
    ]


CHOICE = """
parameters: {stem: %s}
blocks: {large: {layers: [ReLU]}, small: {layers: [ELU]}}
layers: [$stem, Flatten]
"""


@pytest.mark.parametrize(("stem", "kind"), [("large", "ReLU"), ("small", "ELU")])
def test_a_parameter_in_place_of_a_layer_chooses_a_block(stem: str, kind: str) -> None:
    assert kinds(read(CHOICE % stem)) == [kind, "Flatten"]


def test_a_block_that_is_not_there_cannot_be_chosen() -> None:
    [line] = problems(CHOICE % "smal")
    assert line == "model.layers[0].smal: no layer and no block has this name; did you mean small?"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{parameters: {n: 3}, layers: [Flatten]}", "model.parameters.n: never used (the layers hold no $n)"),
        ("{parameters: {classes: 3}, layers: [{Dense: {units: $classes}}]}", "stands for the number of classes"),
        ("{parameters: [n], layers: [{Dense: {units: 1}}]}", "model.parameters: expected a mapping from names"),
        ("{parameters: {n: 3}, layers: [{Dense: {units: $m}}, {Dense: {units: $n}}]}", "$m is not a parameter here"),
    ],
)
def test_wrong_parameters_of_the_network(text: str, told: str) -> None:
    [line] = problems(text)
    assert told in line


def test_a_parameter_can_stand_for_a_list_of_layers() -> None:
    nodes = read("""
blocks:
  around: {parameters: [inner], layers: [{residual: {layers: $inner}}]}
layers: [{around: {inner: [ReLU, ELU]}}]
""")
    assert kinds(nodes) == ["ReLU", "ELU"]


def test_residual_has_layers_shortcut_and_activation() -> None:
    [node] = read("layers: [{residual: {layers: [ReLU], shortcut: [ELU], activation: silu}}]")
    assert isinstance(node, Residual)
    assert (kinds(list(node.layers)), kinds(list(node.shortcut))) == (["ReLU"], ["ELU"])
    assert node.activation is not None and node.activation.args == {"activation": "silu"}


def test_branches_may_have_an_identity_path() -> None:
    [node] = read("layers: [{branches: {merge: Multiply, paths: [[], [ReLU]]}}]")
    assert isinstance(node, Branches)
    assert (node.merge, [len(path) for path in node.paths]) == ("Multiply", [0, 1])
    assert node.name == "multiply_1"


def test_names_of_the_file_are_kept_and_not_given_twice() -> None:
    nodes = read("layers: [ReLU, {ReLU: {name: relu_1}}, LeakyReLU, {ReLU: {name: last}}, PReLU]")
    assert [n.name for n in nodes] == ["relu_2", "relu_1", "leaky_relu_1", "last", "prelu_1"]


def test_places_name_the_file_and_line_of_the_definition_and_the_way_there() -> None:
    blocks: Any = {"stage": {"parameters": ["n"], "layers": [{"Dense": {"units": "$n"}}]}}
    marks = {("blocks", "stage", "layers", 0, "Dense"): Mark("net.yaml", 4), ("layers", 1): Mark("net.yaml", 9)}
    nodes = expand([{"stage": {"n": 1}}, "Flatten"], blocks, None, marks)
    assert [layer.where for layer in walk(nodes)] == [
        "net.yaml:4: model.layers[0].stage.layers[0].Dense",
        "net.yaml:9: model.layers[1].Flatten",
    ]


MISTAKES = {
    "unknown layer": (
        "layers: [{Conv2d: {filters: 3}}]",
        "model.layers[0].Conv2d: no layer and no block has this name; did you mean Conv2D?",
    ),
    "unknown form": (
        "layers: [{repaet: {times: 2, layers: [ReLU]}}]",
        "model.layers[0].repaet: no layer and no block has this name; did you mean repeat?",
    ),
    "unknown block": (
        "{blocks: {stage: {layers: [ReLU]}}, layers: [stage, stages]}",
        "model.layers[1].stages: no layer and no block has this name; did you mean stage?",
    ),
    "missing parameter": (
        "{blocks: {b: {parameters: [n], layers: [{Dense: {units: $n}}]}}, layers: [b]}",
        "model.layers[0].b: n is missing",
    ),
    "extra parameter": (
        "{blocks: {b: {parameters: [n], layers: [{Dense: {units: $n}}]}}, layers: [{b: {n: 1, m: 2}}]}",
        "model.layers[0].b.m: unknown key (allowed: n)",
    ),
    "unused parameter": (
        "{blocks: {b: {parameters: [n], layers: [ReLU]}}, layers: [{b: {n: 1}}]}",
        "model.blocks.b.parameters: n is never used (the layers hold no $n)",
    ),
    "undefined parameter": (
        "{blocks: {b: {parameters: [size], layers: [{Dense: {units: $siz}}, {Dense: {units: $size}}]}}, layers: [b]}",
        "model.blocks.b.layers[0].Dense.units: $siz is not a parameter here (parameters: size); did you mean size?",
    ),
    "parameter outside a block": (
        "layers: [{Dense: {units: $n}}]",
        "model.layers[0].Dense.units: $n is not a parameter here (parameters: none)",
    ),
    "unused block": (
        "{blocks: {b: {layers: [ReLU]}}, layers: [Flatten]}",
        "model.blocks.b: the block is never used",
    ),
    "block without layers": (
        "{blocks: {b: {parameters: []}}, layers: [b]}",
        "model.blocks.b: layers is missing",
    ),
    "block called as a layer": (
        "{blocks: {Dense: {layers: [ReLU]}}, layers: [Dense]}",
        "model.blocks.Dense: a layer has this name; choose another",
    ),
    "blocks as a list": (
        "{blocks: [1], layers: [ReLU]}",
        "model.blocks: expected a mapping from names to blocks, found a list",
    ),
    "parameters as text": (
        "{blocks: {b: {parameters: n, layers: [ReLU]}}, layers: [b]}",
        'model.blocks.b.parameters: expected a list of different names, found "n"',
    ),
    "recursion": (
        "{blocks: {a: {layers: [b]}, b: {layers: [ReLU, a]}}, layers: [a]}",
        "model.layers[0].a.layers[0].b.layers[1].a: a block cannot contain itself (a > b > a)",
    ),
    "repeat nothing": (
        "layers: [{repeat: {times: 0, layers: [ReLU]}}]",
        "model.layers[0].repeat.times: expected a whole number from 1 to 10000, found 0",
    ),
    "repeat half": (
        "layers: [{repeat: {times: 1.5, layers: [ReLU]}}]",
        "model.layers[0].repeat.times: expected a whole number from 1 to 10000, found 1.5",
    ),
    "repeat true": (
        "layers: [{repeat: {times: true, layers: [ReLU]}}]",
        "model.layers[0].repeat.times: expected a whole number from 1 to 10000, found true",
    ),
    "repeat without times": ("layers: [{repeat: {layers: [ReLU]}}]", "model.layers[0].repeat: times is missing"),
    "endless repeat": (
        "layers: [{repeat: {times: 100000000, layers: [ReLU]}}]",
        "model.layers[0].repeat.times: expected a whole number from 1 to 10000, found 100000000",
    ),
    "repeats of repeats": (
        "layers: [{repeat: {times: 1000, layers: [{repeat: {times: 1000, layers: [ReLU]}}]}}]",
        "model.layers[0].repeat.layers[0].repeat.layers[0].ReLU: the network has more than 10000 layers",
    ),
    "empty repeat": (
        "layers: [{repeat: {times: 2, layers: []}}]",
        "model.layers[0].repeat.layers: expected a list of layers, found nothing",
    ),
    "unknown merge": (
        "layers: [{branches: {merge: Concat, paths: [[], []]}}]",
        'model.layers[0].branches.merge: expected one of Concatenate, Add, Multiply, Average, Maximum, found "Concat"'
        "; did you mean Concatenate?",
    ),
    "one path": (
        "layers: [{branches: {merge: Add, paths: [[ReLU]]}}]",
        "model.layers[0].branches.paths: expected at least two lists of layers (an empty one is the identity)",
    ),
    "residual typo": (
        "layers: [{residual: {layers: [ReLU], shorcut: []}}]",
        "model.layers[0].residual.shorcut: unknown key (allowed: layers, shortcut, activation); did you mean shortcut?",
    ),
    "bare argument": (
        "layers: [{Dense: 10}]",
        "model.layers[0].Dense: expected arguments, as {name: value}, found 10",
    ),
    "two layers in one entry": (
        "layers: [{Dense: {units: 1}, Flatten: {}}]",
        "model.layers[0]: expected one layer, as Flatten or Dense: {units: 10}, found several: Dense, Flatten",
    ),
    "a number": ("layers: [3]", "model.layers[0]: expected one layer, as Flatten or Dense: {units: 10}, found 3"),
    "no layers": ("layers: []", "model.layers: expected a list of layers, found nothing"),
    "layers as a mapping": ("layers: {Dense: {}}", "model.layers: expected a list of layers, found a mapping"),
    "a name twice": (
        "layers: [{ReLU: {name: a}}, {ELU: {name: a}}]",
        "model.layers[1].ELU.name: a is used twice (a layer that is repeated cannot have a name)",
    ),
    "a reserved name": (
        "layers: [{ReLU: {name: logits}}]",
        "model.layers[0].ReLU.name: logits is the name of a layer that every network has; choose another",
    ),
    "a name with a slash": (
        "layers: [{ReLU: {name: a/b}}]",
        'model.layers[0].ReLU.name: expected letters, digits, _, . and - only, found "a/b"',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_its_place(mistake: str) -> None:
    text, expected = MISTAKES[mistake]
    assert problems(text) == [expected]


def test_all_mistakes_are_told_at_once_and_those_of_a_block_once() -> None:
    found = problems("""
blocks: {b: {layers: [Flaten]}}
layers: [{repeat: {times: 2, layers: [b, b]}}, Dens, {repeat: {times: -1, layers: [ReLU]}}]
""")
    assert [line.split(": ")[0] for line in found] == [
        "model.layers[0].repeat.layers[0].b.layers[0].Flaten",
        "model.layers[1].Dens",
        "model.layers[2].repeat.times",
    ]


def test_a_mistake_names_file_and_line() -> None:
    with pytest.raises(ConfigError) as raised:
        expand(["Flaten"], None, None, {("layers", 0): Mark("net.yaml", 12)})
    assert str(raised.value).startswith("net.yaml:12: model.layers[0].Flaten: ")

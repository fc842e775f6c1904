"""Order, kind and shape decide, never a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnnbench.errors import ConfigError, DataError
from cnnbench.model.weights.mapping import mapped
from cnnbench.model.weights.slots import by_depth, slots_of
from cnnbench.model.weights.stored import Stored, by_numbers, is_certain
from tests.builders.networks import built, network, shipped
from tests.builders.weight_files import LAYERS, SHAPE, nodes

CONV = {"Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same", "use_bias": False}}
END = ("GlobalAveragePooling2D", "classifier")


def torch_file(*shapes: tuple[int, ...], names: list[str] | None = None, ordered: bool = True) -> Stored:
    """Return a file of kernels without bias, the last of them a head's with one."""
    named = names or [f"layer{n}" for n in range(len(shapes))]
    pairs = enumerate(zip(named, shapes, strict=True))
    arrays = {f"{name}.weight": np.full(shape, n, np.float32) for n, (name, shape) in pairs}
    arrays[f"{named[-1]}.bias"] = np.zeros(shapes[-1][0], np.float32)
    return Stored(Path("file.pth"), arrays, "torch", ordered)


FITS = ((4, 3, 3, 3), (4, 4, 3, 3), (4, 4, 3, 3), (4, 4, 1, 1), (3, 4))


def projected(kernel: int) -> list[Any]:
    shortcut = {"Conv2D": {"filters": 4, "kernel_size": kernel, "padding": "same", "use_bias": False}}
    return [CONV, {"residual": {"layers": [CONV, CONV], "shortcut": [shortcut]}}, *END]


@pytest.mark.parametrize(
    ("at", "shapes"),
    [(3, FITS), (1, ((4, 3, 3, 3), (4, 4, 1, 1), (4, 4, 3, 3), (4, 4, 3, 3), (3, 4)))],
    ids=["after", "before"],
)
def test_a_shortcut_stands_after_or_before_the_layers_it_goes_around(at: int, shapes: Any) -> None:
    found = mapped(torch_file(*shapes), nodes(projected(1)), (8, 8, 3), 3)
    assert found.values["conv2d_4"][0].flat[0] == at  # the shortcut
    assert [found.values[f"conv2d_{n}"][0].flat[0] for n in (1, 2, 3)] == [n for n in range(4) if n != at]
    assert (found.arrays, found.head_kept) == (6, True)


def test_two_orders_that_both_fit_are_refused() -> None:
    file = torch_file((4, 3, 3, 3), *[(4, 4, 3, 3)] * 3, (3, 4))
    with pytest.raises(DataError, match="conv2d_2 of the network may be layer1 or layer2 of the file: a shortcut may"):
        mapped(file, nodes(projected(3)), (8, 8, 3), 3)


WRONG: list[tuple[tuple[tuple[int, ...], ...], str]] = [
    (((4, 3, 3, 3), (4, 4, 5, 5), *FITS[2:]), "conv2d_2 (Conv2D) needs 4x4x3x3, layer1 of the file has 4x4x5x5"),
    ((*FITS[:3], (3, 4)), "conv2d_4 (Conv2D) needs 4x4x1x1, the file has no more layers of this kind"),
    ((*FITS[:4], (4, 4, 1, 1), (3, 4)), "layer4 of the file (4x4x1x1) is left over"),
    ((*FITS[:4], (9, 4), (3, 4)), "logits (Dense) needs 3x4 + 3, layer4 of the file has 9x4"),
    ((*FITS[:4], (3, 7)), "logits (Dense) needs 3x4 + 3, layer4 of the file has 3x7 + 3"),
]


@pytest.mark.parametrize(("shapes", "told"), WRONG, ids=[told[:40] for _, told in WRONG])
def test_the_first_difference_is_told(shapes: Any, told: str) -> None:
    with pytest.raises(DataError) as error:
        mapped(torch_file(*shapes), nodes(projected(1)), (8, 8, 3), 3)
    assert str(error.value) == f"file.pth: does not fit the network: {told}"


def test_a_head_for_other_classes_is_replaced() -> None:
    file, layers = torch_file(*FITS), nodes(projected(1))
    other = mapped(file, layers, (8, 8, 3), 5)
    assert not other.head_kept and "logits" not in other.values and other.arrays == 4
    assert not mapped(file, layers, (8, 8, 3), 3, "replace").head_kept
    assert mapped(file, layers, (8, 8, 3), 3, "keep").head_kept
    with pytest.raises(
        DataError, match=r"head: keep: the network's head logits needs 5x4 \+ 5, layer4 of the file has"
    ):
        mapped(file, layers, (8, 8, 3), 5, "keep")


def test_a_file_without_a_head() -> None:
    arrays = {name: value for name, value in torch_file(*FITS).arrays.items() if not name.startswith("layer4")}
    file = Stored(Path("file.pth"), arrays, "torch")
    assert not mapped(file, nodes(projected(1)), (8, 8, 3), 3).head_kept
    with pytest.raises(DataError, match="the file has none"):
        mapped(file, nodes(projected(1)), (8, 8, 3), 3, "keep")


def test_a_format_without_order_is_read_by_the_numbers_in_names() -> None:
    names = ["stem0", "stem2", "stem10", "stem11", "fc"]
    file = torch_file(*FITS, names=names, ordered=False)
    shuffled = Stored(file.path, dict(sorted(file.arrays.items())), "torch", ordered=False)
    found = mapped(shuffled, nodes(projected(1)), (8, 8, 3), 3)
    assert [found.values[f"conv2d_{n}"][0].flat[0] for n in (1, 2, 3, 4)] == [0, 1, 2, 3]
    unclear = torch_file(*FITS, names=["a0", "first", "second", "z", "fc"], ordered=False)
    with pytest.raises(DataError, match="first and second have the same shapes, and nothing says which comes first"):
        mapped(unclear, nodes(projected(1)), (8, 8, 3), 3)


def test_a_network_of_keras_applications_takes_none() -> None:
    layers = [{"Application": {"network": "MobileNet", "pooling": "avg"}}, "classifier"]
    with pytest.raises(ConfigError, match=r"has to be null with a network of keras.applications"):
        mapped(torch_file(*FITS), nodes(layers), (32, 32, 3), 3)


def test_numbers_in_names() -> None:
    assert by_numbers(["layer10.0", "layer2.1", "layer2.0"]) == ["layer2.0", "layer2.1", "layer10.0"]
    assert is_certain("layer1.0.conv2", "layer2.0.conv1") and not is_certain("conv", "downsample")


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("resnet50", "densenet121", "mobilenetv2")]


@pytest.mark.parametrize("name", ["resnet18", *SLOW])
def test_the_order_of_depth_is_that_of_keras(name: str) -> None:
    layers, shape, classes = shipped(name)
    listed = [layer.name for layer in built(name).layers if layer.weights]
    assert [slot.layer for slot in by_depth(layers, slots_of(layers, shape, classes))] == listed


def test_the_order_of_depth_with_branches_and_shortcuts() -> None:
    layers: list[Any] = [
        {"branches": {"merge": "Concatenate", "paths": [[CONV], [CONV, "ReLU", CONV], [CONV, CONV, CONV]]}},
        {
            "residual": {
                "layers": [CONV, "BatchNormalization", {"Conv2D": {"filters": 4, "kernel_size": 1}}],
                "shortcut": ["BatchNormalization", CONV],
                "activation": "relu",
            }
        },
        *END,
    ]
    model: keras.Model = network(layers)
    listed = [layer.name for layer in model.layers if layer.weights]
    assert [slot.layer for slot in by_depth(nodes(layers), slots_of(nodes(layers), (8, 8, 3), 3))] == listed


def test_weights_of_layers_are_those_of_keras() -> None:
    """Names and order of a layer's arrays come from the catalogue; files come from Keras."""
    model = network(LAYERS, SHAPE)
    for slot in slots_of(nodes(), SHAPE, 3):
        assert slot.shapes == tuple(tuple(v.shape) for v in model.get_layer(slot.layer).weights)

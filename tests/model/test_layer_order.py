"""Kinds and order of the layers of every shipped network that claims a source, in words written from that source.

A right number of parameters proves no network: dropouts and padding have none. The words: `conv3-64` is a 3x3
convolution to 64 maps that keeps the size (`v`: without padding, `/2`: stride, `g2`: groups), `max2` pooling, `fc`
dense, `out` the classifier; `(a | b)` adds a path and its shortcut.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import yaml

from cnnbench.config.network.nodes import Branches, Layer, Node, Residual
from tests.builders.networks import ARCHITECTURES, shipped

BARE = {
    "BatchNormalization": "bn",
    "Flatten": "flat",
    "GlobalAveragePooling2D": "gap",
    "LocalResponseNormalization": "lrn",
    "ReLU": "relu",
    "ScaledTanh": "tanh",
    "classifier": "out",
}


def words(nodes: Sequence[Node]) -> str:
    return " ".join(word for node in nodes for word in node_words(node))


def node_words(node: Node) -> list[str]:
    assert not isinstance(node, Branches)
    if isinstance(node, Residual):
        after = [] if node.activation is None else node_words(node.activation)
        return [f"({words(node.layers)} | {words(node.shortcut) or 'same'})", *after]
    word, activation = layer_word(node), node.args.get("activation")
    return [word] if activation is None or node.kind == "Activation" else [word, activation]


def layer_word(layer: Layer) -> str:
    args = layer.args
    if layer.kind in BARE:
        return BARE[layer.kind]
    if layer.kind == "Activation":
        return str(args["activation"])
    if layer.kind == "Dense":
        return f"fc{args['units']}"
    if layer.kind == "Dropout":
        return f"drop{args['rate']}"
    if layer.kind in ("Conv2D", "DepthwiseConv2D", "SparseConv2D"):
        kind = {"Conv2D": "conv", "DepthwiseConv2D": "depthwise", "SparseConv2D": "sparse"}[layer.kind]
        filters = f"-{args['filters']}" if "filters" in args else ""
        padding = "" if args.get("padding") == "same" else "v"
        stride = f"/{args['strides']}" if args.get("strides", 1) != 1 else ""
        groups = f"g{args['groups']}" if args.get("groups", 1) != 1 else ""
        return f"{kind}{args['kernel_size']}{filters}{padding}{stride}{groups}"
    if layer.kind in ("MaxPooling2D", "AveragePooling2D"):
        size, stride = args.get("pool_size", 2), args.get("strides")
        padding = "s" if args.get("padding") == "same" else ""
        kind = {"MaxPooling2D": "max", "AveragePooling2D": "mean"}[layer.kind]
        return f"{kind}{size}{padding}" + ("" if stride in (None, size) else f"/{stride}")
    return layer.kind.lower() + "".join(f"-{value}" for value in args.values())


def vgg(*convolutions: int, after: str = "relu") -> str:
    """Simonyan and Zisserman 2014, table 1: so many convolutions per stage; section 3.1: dropout 0.5 after two fc."""
    stages = [
        " ".join([f"conv3-{filters} {after}"] * count) + " max2"
        for filters, count in zip((64, 128, 256, 512, 512), convolutions, strict=True)
    ]
    return " ".join([*stages, "flat fc4096 relu drop0.5 fc4096 relu drop0.5 out"])


def basic(filters: int, stride: int = 1, shortcut: str = "same") -> str:
    """He et al. 2015, figure 5 left and section 3.4: normalisation after each convolution, before the activation."""
    step = "" if stride == 1 else f"/{stride}"
    return f"(conv3-{filters}{step} bn relu conv3-{filters} bn | {shortcut}) relu"


def bottleneck(filters: int, stride: int = 1, projected: bool = False) -> str:
    """He et al. 2015, figure 5 right; the stride on the 3x3 convolution, as the file says."""
    step = "" if stride == 1 else f"/{stride}"
    shortcut = f"conv1-{4 * filters}{step} bn" if projected else "same"
    return f"(conv1-{filters} bn relu conv3-{filters}{step} bn relu conv1-{4 * filters} bn | {shortcut}) relu"


def basic_stages(stem: str, counts: Sequence[int]) -> str:
    """He et al. 2015, table 1: the first stage keeps the size, the others halve it by their first block (option B)."""
    blocks = [basic(64)] * counts[0]
    for filters, count in zip((128, 256, 512), counts[1:], strict=True):
        blocks += [basic(filters, 2, f"conv1-{filters}/2 bn"), *[basic(filters)] * (count - 1)]
    return " ".join([stem, *blocks, "gap out"])


def option_a(filters: int) -> str:
    """He et al. 2015, section 4.2: where the size changes, every second pixel and zeros for the new maps."""
    pad = filters // 4
    return basic(filters, 2, f"max1/2 permute-[3, 1, 2] zeropadding2d-[{pad}, 0] permute-[2, 3, 1]")


STEM = "conv7-64/2 bn relu max3s/2"
EXPECTED = {
    # Krizhevsky et al. 2012, section 3.5 and figure 2; 4.2: dropout in the first two dense layers
    "alexnet": (
        "zeropadding2d-[[1, 2], [1, 2]] conv11-96v/4 relu lrn max3/2 conv5-256g2 relu lrn max3/2 "
        "conv3-384 relu conv3-384g2 relu conv3-256g2 relu max3/2 flat fc4096 relu drop0.5 fc4096 relu drop0.5 out"
    ),
    # the author's Keras notebook: no padding anywhere
    "jakhwal-cnn": "conv3-32v relu max2 conv3-64v relu max2 conv3-128v relu max2 flat fc128 relu drop0.5 out",
    # the author's PyTorch notebook: padding 1
    "jakhwal-cnn-pytorch": "conv3-32 relu max2 conv3-64 relu max2 conv3-128 relu max2 flat fc128 relu drop0.5 out",
    "lenet5": "conv5-6v relu max2 conv5-16v relu max2 flat fc120 relu fc84 relu out",
    # LeCun et al. 1998, figure 2 and section II.B
    "lenet5-1998": (
        "conv5-6v tanh mean2 depthwise1v tanh sparse5-16v tanh mean2 depthwise1v tanh "
        "conv5-120v tanh flat fc84 tanh out"
    ),
    # Jäppinen 2024 and the author's public notebooks, both networks
    "mlp": "flat fc128 relu fc64 relu fc32 relu out",
    "petre-cnn": (
        "conv3-32 relu bn conv3-32 relu bn max2 drop0.25 conv3-64 relu bn conv3-64 relu bn max2 drop0.25 "
        "flat fc64 relu drop0.25 out"
    ),
    "resnet18": basic_stages(STEM, (2, 2, 2, 2)),
    "resnet18-32": basic_stages("conv3-64 bn relu", (2, 2, 2, 2)),
    "resnet20": " ".join(
        (
            *("conv3-16 bn relu", *[basic(16)] * 3),
            *(option_a(32), *[basic(32)] * 2),
            *(option_a(64), *[basic(64)] * 2, "gap out"),
        )
    ),
    "resnet34": basic_stages(STEM, (3, 4, 6, 3)),
    "resnet50": " ".join(
        (
            *(STEM, bottleneck(64, 1, True), *[bottleneck(64)] * 2),
            *(bottleneck(128, 2, True), *[bottleneck(128)] * 3),
            *(bottleneck(256, 2, True), *[bottleneck(256)] * 5),
            *(bottleneck(512, 2, True), *[bottleneck(512)] * 2, "gap out"),
        )
    ),
    # the thesis' table 3.2, row by row: 18 layers besides the activations
    "thesis-cnn": (
        "conv3-32 relu bn conv3-32 relu max2 conv3-64 relu conv3-64 relu bn max2 "
        "conv3-128 relu conv3-128 relu bn max2 drop0.25 flat fc128 relu bn drop0.25 out"
    ),
    "vgg11": vgg(1, 1, 2, 2, 2),
    "vgg13": vgg(2, 2, 2, 2, 2),
    "vgg16": vgg(2, 2, 3, 3, 3),
    "vgg16-bn": vgg(2, 2, 3, 3, 3, after="bn relu"),
    "vgg19": vgg(2, 2, 4, 4, 4),
}
OWN_CHOICE = ("no paper", "sizes are this project's choice")  # what a source says that leaves nothing to hold


def test_every_network_that_claims_a_source_is_held_here() -> None:
    sources = {f.stem: yaml.safe_load(f.read_text(encoding="utf-8"))["source"] for f in ARCHITECTURES.glob("*.yaml")}
    claimed = {name for name, source in sources.items() if not any(own in source for own in OWN_CHOICE)}
    assert set(EXPECTED) == claimed


@pytest.mark.parametrize("name", EXPECTED)
def test_kinds_and_order_of_layers(name: str) -> None:
    nodes, _, _ = shipped(name)
    assert words(nodes) == EXPECTED[name]


def test_the_thesis_table_has_18_layers() -> None:
    assert sum(word != "relu" for word in EXPECTED["thesis-cnn"].split()) == 18

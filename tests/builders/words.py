"""A network in words, kinds and order of its layers.

`conv3-64` is a 3x3 convolution to 64 maps that keeps the size (`v`: without padding, `/2`: stride, `g2`: groups),
`max2` pooling, `fc` dense, `out` the classifier; `(a | b)` adds a path and its shortcut, `cat[a | b]` joins paths.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.config.network.nodes import Branches, Layer, Node, Residual

BARE = {
    "BatchNormalization": "bn",
    "Flatten": "flat",
    "GlobalAveragePooling2D": "gap",
    "LocalResponseNormalization": "lrn",
    "ReLU": "relu",
    "ScaledTanh": "tanh",
    "Softmax": "softmax",
    "classifier": "out",
}
CONVOLUTIONS = {
    "Conv2D": "conv",
    "DepthwiseConv2D": "depthwise",
    "SeparableConv2D": "separable",
    "SparseConv2D": "sparse",
}
MERGES = {"Concatenate": "cat", "Add": "sum"}


def words(nodes: Sequence[Node]) -> str:
    return " ".join(word for node in nodes for word in node_words(node))


def node_words(node: Node) -> list[str]:
    if isinstance(node, Branches):
        return [f"{MERGES[node.merge]}[{' | '.join(words(path) or 'same' for path in node.paths)}]"]
    if isinstance(node, Residual):
        after = [] if node.activation is None else node_words(node.activation)
        return [f"({words(node.layers)} | {words(node.shortcut) or 'same'})", *after]
    word, activation = layer_word(node), node.args.get("activation")
    return [word] if activation is None or node.kind == "Activation" else [word, activation]


def layer_word(layer: Layer) -> str:
    args = layer.args
    if layer.kind == "ReLU" and args:
        return f"relu{args['max_value']}"
    if layer.kind in BARE:
        return BARE[layer.kind]
    if layer.kind == "ZeroPadding2D" and isinstance(args["padding"], int):
        return f"pad{args['padding']}"
    if layer.kind == "Activation":
        return str(args["activation"])
    if layer.kind == "Dense":
        return f"fc{args['units']}"
    if layer.kind == "Dropout":
        return f"drop{args['rate']}"
    if layer.kind in CONVOLUTIONS:
        kind = CONVOLUTIONS[layer.kind]
        filters = f"-{args['filters']}" if "filters" in args else ""
        padding = "" if args.get("padding") == "same" or args["kernel_size"] == 1 else "v"
        stride = f"/{args['strides']}" if args.get("strides", 1) != 1 else ""
        groups = f"g{args['groups']}" if args.get("groups", 1) != 1 else ""
        size = args["kernel_size"]
        size = size if isinstance(size, int) else "x".join(map(str, size))
        return f"{kind}{size}{filters}{padding}{stride}{groups}"
    if layer.kind in ("MaxPooling2D", "AveragePooling2D"):
        size, stride = args.get("pool_size", 2), args.get("strides")
        padding = "s" if args.get("padding") == "same" else ""
        kind = {"MaxPooling2D": "max", "AveragePooling2D": "mean"}[layer.kind]
        return f"{kind}{size}{padding}" + ("" if stride in (None, size) else f"/{stride}")
    return layer.kind.lower() + "".join(f"-{value}" for value in args.values())

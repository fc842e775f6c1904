"""From the layers of a configuration to a network: the same YAML that Keras' networks are built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.catalogue.layers import LAYERS
from cnnbench.catalogue.shape_rules import pair
from cnnbench.config.network.naming import LOGITS, PROBABILITIES
from cnnbench.config.network.nodes import Auxiliary, Branches, Node, Residual
from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.data.normalize import Normalization
from cnnbench.learners.numpy import activations, dense, pooling
from cnnbench.learners.numpy.convolution import Convolution
from cnnbench.learners.numpy.initializers import drawn
from cnnbench.learners.numpy.layer import Arrays, Layer
from cnnbench.learners.numpy.network import Network
from cnnbench.learners.numpy.normalization import BatchNormalization
from cnnbench.learners.numpy.structure import Branches as SideBySide
from cnnbench.learners.numpy.structure import Chain
from cnnbench.seeds import Stream, generator


def build(
    nodes: Sequence[Node], input_shape: tuple[int, int, int], classes: int, normalization: Normalization, seed: int
) -> Network:
    """Return the network of a checked configuration with its first weights, as the seed draws them."""
    builder = _Builder({row.name: row for row in infer(nodes, input_shape, classes)}, seed)
    chain = builder.chain(nodes)
    return Network(input_shape, classes, normalization, chain, builder.layers)


@dataclass
class _Builder:
    rows: Mapping[str, LayerShape]  # with every argument and the input's shape, by the layer's name
    seed: int
    layers: dict[str, Layer] = field(default_factory=dict)

    def chain(self, nodes: Sequence[Node]) -> Chain:
        return Chain([layer for node in nodes for layer in self.node(node)])

    def node(self, node: Node) -> list[Layer]:
        assert not isinstance(node, Auxiliary)
        if isinstance(node, Branches):
            return [SideBySide(node.merge, [self.chain(path) for path in node.paths])]
        if isinstance(node, Residual):
            added = SideBySide("Add", [self.chain(node.layers), self.chain(node.shortcut)])
            return [added, *(self.node(node.activation) if node.activation else [])]
        if node.kind == "classifier":
            return [*self.layer(self.rows[LOGITS]), *self.layer(self.rows[PROBABILITIES])]
        return self.layer(self.rows[node.name])

    def layer(self, row: LayerShape) -> list[Layer]:
        """Return a layer, and its activation behind it where it has one."""
        weights = self._weights(row)
        made = [_MAKERS[row.kind](row.args, weights)] if row.kind in _MAKERS else []
        for layer in made:
            self.layers[row.name] = layer
        return [*made, *_activation(row.args.get("activation"))]

    def _weights(self, row: LayerShape) -> Arrays:
        """Draw a layer's weights, in their order, from the numbers of its position."""
        draws = generator(Stream.PLAIN_WEIGHTS, self.seed, len(self.layers))
        shapes = LAYERS[row.kind].weights(row.args, tuple(row.inputs[0]))
        return {
            name: drawn(row.args[f"{name}_initializer"], tuple(map(int, shape)), draws)
            for name, shape in shapes.items()
            if shape is not None
        }


def _activation(name: str | None) -> list[Layer]:
    return [activations.ACTIVATIONS[name]()] if name not in (None, "linear") else []


Make = Callable[[Mapping[str, Any], Arrays], Layer]


def _convolution(args: Mapping[str, Any], weights: Arrays) -> Layer:
    return Convolution(weights, pair(args["strides"]), args["padding"], args["groups"])


def _batch_normalization(args: Mapping[str, Any], weights: Arrays) -> Layer:
    learnt = {name: value for name, value in weights.items() if name in ("gamma", "beta")}
    statistics = {name: value for name, value in weights.items() if name not in learnt}
    return BatchNormalization(learnt, statistics, args["momentum"], args["epsilon"])


def _pooling(kind: Callable[..., Layer]) -> Make:
    def make(args: Mapping[str, Any], weights: Arrays) -> Layer:
        size = args["pool_size"]
        return kind(pair(size), pair(args["strides"] or size), args["padding"])

    return make


def _zero_padding(args: Mapping[str, Any], weights: Arrays) -> Layer:
    padding = args["padding"]
    rows, columns = (padding, padding) if isinstance(padding, int) else padding
    return dense.ZeroPadding((pair(rows), pair(columns)))


_MAKERS: Mapping[str, Make] = {
    "Conv2D": _convolution,
    "Dense": lambda args, weights: dense.Dense(weights),
    "BatchNormalization": _batch_normalization,
    "Dropout": lambda args, weights: dense.Dropout(args["rate"]),
    "Flatten": lambda args, weights: dense.Flatten(),
    "ZeroPadding2D": _zero_padding,
    "MaxPooling2D": _pooling(pooling.MaxPooling),
    "AveragePooling2D": _pooling(pooling.AveragePooling),
    "GlobalMaxPooling2D": lambda args, weights: pooling.GlobalMaxPooling(args["keepdims"]),
    "GlobalAveragePooling2D": lambda args, weights: pooling.GlobalAveragePooling(args["keepdims"]),
    "ReLU": lambda args, weights: activations.ReLU(args["negative_slope"], args["max_value"]),
    "LeakyReLU": lambda args, weights: activations.ReLU(args["negative_slope"]),
    "Softmax": lambda args, weights: activations.Softmax(),
}

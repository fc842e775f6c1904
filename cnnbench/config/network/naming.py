"""Names of layers: those of the file, and `conv2d_1`, `conv2d_2`, ... for the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cnnbench.catalogue.values import found
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual, walk

INPUT, NORMALIZATION, LOGITS, PROBABILITIES = "pixels", "normalization", "logits", "probabilities"
RESERVED = (INPUT, NORMALIZATION, LOGITS, PROBABILITIES)

_ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")  # safe in files, TensorFlow scopes and reports


def mistakes(nodes: Sequence[Node]) -> Iterator[tuple[Layer, str]]:
    """Yield every layer whose name in the file cannot be used, and why."""
    seen: set[str] = set()
    for layer in walk(nodes):
        if layer.name == "":
            continue
        if not isinstance(layer.name, str) or not _ALLOWED.fullmatch(layer.name):
            yield layer, f"expected letters, digits, _, . and - only, found {found(layer.name)}"
        elif layer.name in RESERVED:
            yield layer, f"{layer.name} is the name of a layer that every network has; choose another"
        elif layer.name in seen:
            yield layer, f"{layer.name} is used twice (a layer that is repeated cannot have a name)"
        else:
            seen.add(layer.name)


def name_nodes(nodes: Sequence[Node]) -> list[Node]:
    """Return the same tree in which every layer and every merge has a name of its own."""
    return _Namer({layer.name for layer in walk(nodes)}, Counter()).sequence(nodes)


@dataclass(frozen=True)
class _Namer:
    taken: set[str]
    numbers: Counter[str]

    def sequence(self, nodes: Sequence[Node]) -> list[Node]:
        return [self.node(node) for node in nodes]

    def node(self, node: Node) -> Node:
        if isinstance(node, Layer):
            return self.layer(node)
        if isinstance(node, Auxiliary):
            return replace(node, layers=self.sequence(node.layers))
        if isinstance(node, Branches):
            paths = [self.sequence(path) for path in node.paths]
            return replace(node, paths=paths, name=self.fresh(node.merge))
        return self.residual(node)

    def residual(self, node: Residual) -> Residual:
        layers, shortcut = self.sequence(node.layers), self.sequence(node.shortcut)
        name = self.fresh("Add")
        activation = self.layer(node.activation) if node.activation else None
        return replace(node, layers=layers, shortcut=shortcut, activation=activation, name=name)

    def layer(self, layer: Layer) -> Layer:
        if layer.kind == "classifier":
            return replace(layer, name=LOGITS)
        return layer if layer.name else replace(layer, name=self.fresh(layer.kind))

    def fresh(self, kind: str) -> str:
        stem = _snake(kind)
        while True:
            self.numbers[stem] += 1
            name = f"{stem}_{self.numbers[stem]}"
            if name not in self.taken:
                return name


def _snake(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.replace("ReLU", "Relu")).lower()

"""The tree of layers a network is described by; plain data, known before Keras is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Layer:
    """One layer: Keras' (or cnnbench's) class name and its arguments as the file has them."""

    kind: str
    args: Mapping[str, Any]
    where: str
    name: str = ""


@dataclass(frozen=True)
class Residual:
    """Layers and a shortcut (the identity where it has no layers), added, then an optional activation."""

    layers: Sequence[Node]
    shortcut: Sequence[Node]
    activation: Layer | None
    where: str
    name: str = ""


@dataclass(frozen=True)
class Branches:
    """Parallel paths from one input, merged; a path without layers is the identity."""

    merge: str
    paths: Sequence[Sequence[Node]]
    where: str
    name: str = ""


@dataclass(frozen=True)
class Auxiliary:
    """A head of its own on the maps it stands behind: `weight` times its loss is added while training, else it is not.

    What passes it stays as it is, and it is no part of the network that is saved, counted and asked.
    """

    layers: Sequence[Node]
    weight: float
    where: str


Node = Layer | Residual | Branches | Auxiliary


def walk(nodes: Sequence[Node]) -> Iterator[Layer]:
    """Yield every layer of the tree, in the order in which the network is built, those of auxiliary heads left out."""
    for node in nodes:
        if isinstance(node, Layer):
            yield node
        elif isinstance(node, Branches):
            for path in node.paths:
                yield from walk(path)
        elif isinstance(node, Residual):
            yield from walk([*node.layers, *node.shortcut])
            if node.activation:
                yield node.activation

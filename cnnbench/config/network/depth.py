"""How deep a network is: the convolutions and dense layers on its longest path."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.layers import LAYERS
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node


def depth_of(nodes: Sequence[Node]) -> int:
    """Return the number of convolutions and dense layers on the longest path from the image to the classes."""
    return sum(map(_of, nodes))


def _of(node: Node) -> int:
    if isinstance(node, Layer) and node.kind == "Application":
        return APPLICATIONS[node.args["network"]]["depth"]
    if isinstance(node, Layer):
        return LAYERS[node.kind].depth
    if isinstance(node, Auxiliary):
        return 0
    if isinstance(node, Branches):
        return max(map(depth_of, node.paths))
    return max(depth_of(node.layers), depth_of(node.shortcut))

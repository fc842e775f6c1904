"""The first part of a network that gives the same for an image in every epoch: features are taken behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cnnbench.config.network.head import has_weights
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual, walk

RANDOM = ("Dropout", "AlphaDropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise")


def fixed_part(nodes: Sequence[Node], frozen: Collection[str]) -> Sequence[Node]:
    """Return the first part of a network, up to where it gives the same for the same image, whatever is learnt.

    It is empty where no layer of it has weights: there is no time to be saved.
    """
    fixed: list[Node] = []
    for node in nodes[:-1]:
        if isinstance(node, Auxiliary) or not all(_is_fixed(layer, frozen) for layer in walk([node])):
            break
        fixed.append(node)
    return fixed if any(map(has_weights, walk(fixed))) else []


def _is_fixed(layer: Layer, frozen: Collection[str]) -> bool:
    if layer.args.get("activity_regularizer") or layer.kind == "ActivityRegularization":
        return False  # part of the loss
    return layer.name in frozen or not (has_weights(layer) or layer.kind in RANDOM)


def output_of(node: Node) -> str:
    """Return the name of the layer that gives what a node gives."""
    if isinstance(node, Residual) and node.activation is not None:
        return node.activation.name
    assert isinstance(node, Layer | Residual | Branches)
    return node.name

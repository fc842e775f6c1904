"""Which layers of a network are its head: what is made anew for other classes, and all else its base."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.catalogue import weight_rules
from cnnbench.catalogue.layers import LAYERS
from cnnbench.config.network.naming import PROBABILITIES
from cnnbench.config.network.nodes import Layer, Node, walk


def head_of(nodes: Sequence[Node]) -> list[str]:
    """Return the names of the layers from the last one with weights on, as the built network calls them."""
    layers = list(walk(nodes))
    last = max((at for at, layer in enumerate(layers) if has_weights(layer)), default=len(layers))
    names = [layer.name for layer in layers[last:]]
    return [*names, PROBABILITIES] if layers and layers[-1].kind == "classifier" else names


def has_weights(layer: Layer) -> bool:
    """Return whether a layer holds numbers that are kept."""
    return LAYERS[layer.kind].weights is not weight_rules.none

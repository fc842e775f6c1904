"""Which layers of a network stay as they are, from what a configuration says and the names of layers alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from typing import Literal

from cnnbench.config.network.head import has_weights, head_of
from cnnbench.config.network.nodes import Node, walk

Freeze = Literal["base"] | Sequence[str]


def matched(patterns: Collection[str], names: Collection[str]) -> list[str]:
    """Return the names that any of the patterns stands for."""
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def frozen_layers(nodes: Sequence[Node], freeze: Freeze, freed: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of the layers that do not learn, in the order of the network; `freed` are patterns of others.

    A layer without weights goes with its neighbours: it is frozen where the last layer with weights before it, if there
    is one, and the next one after it are, so that nothing inside a frozen part draws at random and all behind it does
    as before.
    """
    layers = list(walk(nodes))
    names = [layer.name for layer in layers]
    weighted = [layer.name for layer in layers if has_weights(layer)]
    wanted = matched(freeze, names) if freeze != "base" else set(weighted) - set(head_of(nodes))
    chosen = set(wanted) - set(matched(freed, names))
    return tuple(name for at, name in enumerate(names) if name in chosen or _inside(at, names, set(weighted), chosen))


def _inside(at: int, names: Sequence[str], weighted: Collection[str], chosen: Collection[str]) -> bool:
    """Return whether the layer has no weights and frozen layers with weights around it."""
    if names[at] in weighted:
        return False
    before = next((name for name in reversed(names[:at]) if name in weighted), None)
    after = next((name for name in names[at + 1 :] if name in weighted), None)
    return after in chosen and (before is None or before in chosen)

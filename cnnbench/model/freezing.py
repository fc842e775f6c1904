"""Layers of a built network that stay as they are and compute as in inference."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cnnbench.seeds import generators_of

STRENGTHS = ("rate", "stddev")  # how much a layer that draws at random changes: 0 is nothing


def freeze(model: Any, frozen: Collection[str]) -> None:
    """Let the layers of these names learn nothing and all others learn; frozen batch normalisation normalises by its
    moving statistics.
    """
    for layer in model.layers:
        layer.trainable = layer.name not in frozen


def strengths_of(model: Any) -> Mapping[str, tuple[str, float]]:
    """Return of each layer that draws at random, by its name, what says how strongly, and how strongly."""
    return {
        layer.name: (name, getattr(layer, name))
        for layer in model.layers
        if generators_of(layer)
        for name in STRENGTHS
        if hasattr(layer, name)
    }


def still(model: Any, strengths: Mapping[str, tuple[str, float]], frozen: Collection[str]) -> None:
    """Let the layers of these names draw nothing, and all others as strongly as they did at first."""
    for layer in model.layers:
        if layer.name in strengths:
            name, strength = strengths[layer.name]
            setattr(layer, name, 0.0 if layer.name in frozen else strength)

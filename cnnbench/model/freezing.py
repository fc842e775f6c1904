"""Layers of a built network that stay as they are and compute as in inference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

STRENGTHS = ("rate", "stddev")  # how much a layer that draws at random changes: 0 is nothing


def freeze(model: Any, frozen: Collection[str]) -> None:
    """Let the layers of these names learn nothing and all others learn; frozen batch normalisation normalises by its
    moving statistics.
    """
    for layer in model.layers:
        layer.trainable = layer.name not in frozen


@dataclass(frozen=True)
class Strength:
    """How strongly a layer draws at random: the attribute that says so, and the layer of the network it is part of."""

    owner: str
    layer: Any
    attribute: str
    value: float


def strengths_of(model: Any) -> list[Strength]:
    """Return the strength of each layer that draws at random, those inside of other layers too."""
    import keras

    return [
        Strength(owner.name, layer, attribute, getattr(layer, attribute))
        for owner in model.layers
        for layer in owner._flatten_layers(include_self=True, recursive=True)
        if any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())
        for attribute in STRENGTHS
        if hasattr(layer, attribute)
    ]


def still(strengths: Sequence[Strength], frozen: Collection[str]) -> None:
    """Let the layers of these names draw nothing, and all others as strongly as they did at first."""
    for one in strengths:
        setattr(one.layer, one.attribute, 0.0 if one.owner in frozen else one.value)

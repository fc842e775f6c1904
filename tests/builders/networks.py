"""Small networks and shipped ones for the tests of the model package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import yaml

from cnnbench.config.network.spec import Node, expand
from cnnbench.data.normalize import Normalization
from cnnbench.model.builder import build

ARCHITECTURES = Path(__file__).parents[2] / "configs" / "architectures"

SMALL: list[Any] = [
    {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
    "BatchNormalization",
    {"Dropout": {"rate": 0.5}},
    "Flatten",
    {"Dense": {"units": 8}},
    "classifier",
]


def normalization(channels: int) -> Normalization:
    """Return different constants for each channel."""
    return Normalization(tuple(1 / (100 + c) for c in range(channels)), tuple(-0.5 - c for c in range(channels)))


def network(layers: Any, shape: tuple[int, int, int] = (8, 8, 3), classes: int = 3, seed: int = 0) -> keras.Model:
    """Build layers given as a file would have them."""
    return build(expand(layers), shape, classes, normalization(shape[2]), seed, "small")


def shipped(name: str, **parameters: Any) -> tuple[list[Node], tuple[int, int, int], int]:
    """Return layers, input shape and classes of a shipped architecture, with other values of its parameters."""
    document = yaml.safe_load((ARCHITECTURES / f"{name}.yaml").read_text(encoding="utf-8"))
    height, width, channels = document["input"]
    return (
        expand(document["layers"], document.get("blocks"), {**(document.get("parameters") or {}), **parameters}),
        (height, width, channels),
        document["classes"],
    )


def built(name: str, shape: tuple[int, int, int] | None = None, classes: int | None = None) -> keras.Model:
    """Build a shipped architecture, at its own input and classes unless told otherwise."""
    nodes, own_shape, own_classes = shipped(name)
    shape = shape or own_shape
    return build(nodes, shape, classes or own_classes, normalization(shape[2]), 0, name)

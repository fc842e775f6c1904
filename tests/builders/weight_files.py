"""Weight files of every format, with weights that are no first draws, and networks they are for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from cnnbench.config.network.spec import Node, expand
from cnnbench.model.weights.load import put
from cnnbench.model.weights.mapping import mapped
from cnnbench.model.weights.read import read
from tests.builders.networks import network

SHAPE, CLASSES = (12, 12, 3), 3

# One of each kind that has weights, and what comes before a dense layer in two frameworks differently.
LAYERS: list[Any] = [
    {"Conv2D": {"filters": 8, "kernel_size": [3, 2], "use_bias": False}},
    "BatchNormalization",
    "ReLU",
    {"DepthwiseConv2D": {"kernel_size": 3, "depth_multiplier": 2}},
    {"PReLU": {"shared_axes": [1, 2]}},
    {"Conv2D": {"filters": 8, "kernel_size": 3, "groups": 4}},
    {"SeparableConv2D": {"filters": 6, "kernel_size": 3, "padding": "same"}},
    {"residual": {"layers": [_ := {"Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same"}}],
                  "shortcut": [{"Conv2D": {"filters": 4, "kernel_size": 1}}]}},
    {"Conv2DTranspose": {"filters": 5, "kernel_size": 2, "strides": 2}},
    "Flatten",
    {"Dense": {"units": 7, "activation": "relu"}},
    {"LayerNormalization": {"epsilon": 1.0e-5}},
    "classifier",
]  # fmt: skip


def nodes(layers: Any = None) -> list[Node]:
    """Return the network as a tree."""
    return expand(LAYERS if layers is None else layers)


def drawn(model: keras.Model, seed: int = 0) -> keras.Model:
    """Give every weight of a network another value, variances positive ones."""
    chance = np.random.default_rng(seed)
    model.set_weights(
        [chance.uniform(0.5, 1.5, w.shape) * chance.choice([1.0, 0.3], w.shape) for w in model.get_weights()]
    )
    return model


def images(count: int = 2) -> np.ndarray[Any, Any]:
    """Return random pixels."""
    return np.random.default_rng(1).uniform(0, 255, (count, *SHAPE)).astype(np.float32)


def loaded(path: Path, layers: Any = None) -> keras.Model:
    """Return a new network with the weights of a file."""
    model = network(LAYERS if layers is None else layers, SHAPE, CLASSES, seed=9)
    put(model, mapped(read(path), nodes(layers), SHAPE, CLASSES).values)
    return model


class Residual(nn.Module):
    """The layers of a block, and a shortcut made after them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 4, 3, padding=1)
        self.downsample = nn.Conv2d(6, 4, 1)

    def forward(self, x: torch.Tensor) -> Any:
        return self.conv(x) + self.downsample(x)


def in_torch(seed: int = 0) -> nn.Sequential:
    """Return `LAYERS` as PyTorch has them, with drawn weights and statistics."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, (3, 2), bias=False), nn.BatchNorm2d(8, eps=1e-3), nn.ReLU()),
        *(nn.Conv2d(8, 16, 3, groups=8), nn.PReLU(16), nn.Conv2d(16, 8, 3, groups=4)),
        *(nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.Conv2d(8, 6, 1)),
        *(Residual(), nn.ConvTranspose2d(4, 5, 2, stride=2), nn.Flatten()),
        *(nn.Linear(5 * 12 * 14, 7), nn.ReLU(), nn.LayerNorm(7), nn.Linear(7, CLASSES), nn.Softmax(1)),
    )
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.uniform_(0.1, 0.5)
    return model.eval()


def outputs(model: nn.Module, pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what a PyTorch network makes of pixels (N, H, W, C) scaled as `networks.normalization` scales them."""
    scale = np.array([1 / (100 + c) for c in range(3)])
    scaled = (pixels * scale - 0.5 - np.arange(3)).astype(np.float32)
    with torch.no_grad():
        return np.asarray(model(torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy())).numpy())


def state(model: nn.Module) -> Mapping[str, np.ndarray[Any, Any]]:
    """Return the arrays of a PyTorch network by name."""
    return {name: value.numpy() for name, value in model.state_dict().items()}

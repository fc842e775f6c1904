"""A network of torchvision with drawn weights: `python torchvision_state.py NAME IMAGES WEIGHTS OUTPUTS`.

A program of its own, so that any interpreter that has torchvision can run it.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import nn


def main(name: str, images: str, weights: str, outputs: str) -> None:
    """Save the weights of the network and the probabilities that it gives for images (N, H, W, C)."""
    from torchvision import models

    torch.manual_seed(0)
    model = getattr(models, name)(weights=None)
    pixels = torch.from_numpy(np.load(images).transpose(0, 3, 1, 2).copy())
    with_statistics(model, torch.cat([pixels.flip(1), pixels.flip(2), pixels.flip(3)]))
    auxiliary = ("AuxLogits.", "aux")  # heads that only training uses
    torch.save({k: v for k, v in model.state_dict().items() if not k.startswith(auxiliary)}, weights)
    with torch.no_grad():
        np.save(outputs, torch.softmax(model(pixels).double(), 1).numpy())


def with_statistics(model: nn.Module, pixels: torch.Tensor) -> None:
    """Give batch normalisation factors, offsets and the statistics of other images than the network is asked for."""
    chance = torch.Generator().manual_seed(1)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.3, 1.0, generator=chance)  # more, and rounding grows with depth
            nn.init.uniform_(layer.bias, -0.3, 0.3, generator=chance)
            layer.momentum = None  # the mean over all batches
    with torch.no_grad():
        model.train()(pixels)
    model.eval()


if __name__ == "__main__":
    main(*sys.argv[1:])

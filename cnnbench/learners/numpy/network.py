"""A network: from pixels to class probabilities, and from the loss back to every weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from cnnbench.data.normalize import Normalization
from cnnbench.data.types import Images
from cnnbench.learners.numpy.layer import Array, Arrays, Layer
from cnnbench.learners.numpy.losses import Loss
from cnnbench.learners.numpy.structure import Chain
from cnnbench.seeds import Stream, generator


@dataclass
class Network:
    """Layers that images (n, H, W, C) with pixel values 0..255 go through, scaled by the normalisation first.

    `layers` has every layer that has weights, draws or keeps anything, by its name, in the order of the network.
    """

    input_shape: tuple[int, int, int]
    classes: int
    normalization: Normalization
    chain: Chain
    layers: Mapping[str, Layer]
    _scale: Array = field(init=False)
    _offset: Array = field(init=False)

    def __post_init__(self) -> None:
        self._scale = np.array(self.normalization.scale, np.float32)
        self._offset = np.array(self.normalization.offset, np.float32)

    def __call__(self, images: Images) -> Array:
        """Return class probabilities, (n, classes), of images."""
        return self.forward(images, training=False)

    def forward(self, images: Images, training: bool) -> Array:
        """Return class probabilities; in training, batch normalisation takes those of the batch and dropout draws."""
        return self.chain.forward(images * self._scale + self._offset, training)

    def learn(self, images: Images, targets: Array, loss: Loss, weights: Array | None = None) -> tuple[Array, float]:
        """Leave in the layers the gradients of L = Σ_n weight[n] · l[n] / N; return probabilities and L of a batch.

        `targets` are one-hot, (n, classes); the images' weights, (n,), are all 1 where none are given.
        """
        probabilities = self.forward(images, training=True)
        share = np.full(len(images), 1 / len(images), targets.dtype) if weights is None else weights / len(images)
        self.chain.backward(loss.gradient(probabilities, targets) * share[:, None], wanted=False)
        return probabilities, float((loss.of_images(probabilities, targets) * share).sum())

    def begin_epoch(self, seed: int, epoch: int) -> None:
        """Give each layer its random numbers of an epoch, a function of seed, epoch and its position alone."""
        for position, layer in enumerate(self.layers.values()):
            layer.begin_epoch(generator(Stream.PLAIN_DROPOUT, seed, epoch, position))

    @property
    def weights(self) -> Arrays:
        """What is learnt, by layer and name: `conv2d_1/kernel`; the arrays themselves, to be changed in place."""
        return {f"{layer}/{name}": value for layer, each in self.layers.items() for name, value in each.weights.items()}

    @property
    def gradients(self) -> Arrays:
        """∂L/∂w of each weight by the same names."""
        return {f"{layer}/{name}": g for layer, each in self.layers.items() for name, g in each.gradients.items()}

    @property
    def state(self) -> Arrays:
        """Weights and statistics: all that the network knows."""
        return {f"{layer}/{name}": value for layer, kept, name in self._kept() for value in [kept[name]]}

    def put(self, values: Mapping[str, Array]) -> None:
        """Take values for all of `state`, of the same shapes."""
        for layer, kept, name in self._kept():
            kept[name] = values[f"{layer}/{name}"].astype(kept[name].dtype)

    def _kept(self) -> Iterator[tuple[str, Arrays, str]]:
        for name, layer in self.layers.items():
            for kept in (layer.weights, layer.statistics):
                yield from ((name, kept, key) for key in kept)


def accuracy(probabilities: Array, targets: Array) -> float:
    """Return the share of images whose likeliest class is the true one."""
    return float((probabilities.argmax(axis=1) == targets.argmax(axis=1)).mean())


def true_positives(probabilities: Array, targets: Array) -> int:
    """Return how many true classes have a probability above one half."""
    return int(((probabilities > 0.5) & (targets > 0)).sum())

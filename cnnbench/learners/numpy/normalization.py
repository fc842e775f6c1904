"""Batch normalisation; Ioffe and Szegedy, 2015, "Batch Normalization", algorithms 1 and 2."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnnbench.learners.numpy.layer import Array, Arrays, Layer


class BatchNormalization(Layer):
    """y = γ x̂ + β with x̂ = (x - μ) / σ of each channel, σ² its variance plus ε.

    In training μ and σ are those of the batch, over images and pixels; else they are the moving averages
    m ← momentum · m + (1 - momentum) · (that of the batch). γ or β may be left out.
    """

    def __init__(
        self, weights: Mapping[str, Array], statistics: Mapping[str, Array], momentum: float, epsilon: float
    ) -> None:
        super().__init__(weights)
        self.statistics = dict(statistics)
        self._momentum, self._epsilon = momentum, epsilon

    def forward(self, x: Array, training: bool = False) -> Array:
        """Normalise each channel, then scale and shift it."""
        axes = tuple(range(x.ndim - 1))
        mean, variance = self.statistics["moving_mean"], self.statistics["moving_variance"]
        if training:
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            self._move("moving_mean", mean)
            self._move("moving_variance", variance)
        self._training, self._axes = training, axes
        self._deviation = np.sqrt(variance + self._epsilon)
        self._normal: Array = (x - mean) / self._deviation
        y: Array = self._normal * self.weights.get("gamma", 1.0) + self.weights.get("beta", 0.0)
        return y

    def _move(self, name: str, value: Array) -> None:
        self.statistics[name] = self._momentum * self.statistics[name] + (1 - self._momentum) * value

    def weight_gradients(self, gradient: Array) -> Arrays:
        """∂L/∂γ = Σ ∂L/∂y · x̂ and ∂L/∂β = Σ ∂L/∂y, over images and pixels."""
        found = {"gamma": (gradient * self._normal).sum(axis=self._axes), "beta": gradient.sum(axis=self._axes)}
        return {name: found[name] for name in self.weights}

    def input_gradient(self, gradient: Array) -> Array:
        """∂L/∂x = γ/σ · (g - mean(g) - x̂ · mean(g · x̂)) with g = ∂L/∂y: μ and σ move with every x of the batch.

        With the moving averages they do not, and it is γ/σ · g.
        """
        scaled: Array = gradient * (self.weights.get("gamma", 1.0) / self._deviation)
        if not self._training:
            return scaled
        along = (scaled * self._normal).mean(axis=self._axes)
        moved: Array = scaled - scaled.mean(axis=self._axes) - self._normal * along
        return moved

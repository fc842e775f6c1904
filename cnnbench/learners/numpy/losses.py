"""Losses of probabilities p (n, classes) against one-hot targets t; that of a batch is the mean of its images'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cnnbench.config import losses
from cnnbench.learners.numpy.layer import Array

TINY = 1e-37  # the least probability: the logarithm of 0 is none, and a float32 is hardly smaller
NEARLY = 1e-7  # of 0 and 1, in a cross-entropy that looks at both ends, as in Keras


class Loss(Protocol):
    """A loss l of each image and its gradient."""

    def of_images(self, p: Array, t: Array) -> Array:
        """Return l[n] of each image."""

    def gradient(self, p: Array, t: Array) -> Array:
        """Return ∂l[n]/∂p[n,k]."""


@dataclass(frozen=True)
class CategoricalCrossentropy:
    """l = -Σ_k t[k] · log p[k], with t ← (1 - s) · t + s / K for a label smoothing of s."""

    label_smoothing: float = 0.0

    def of_images(self, p: Array, t: Array) -> Array:
        """Return the loss of each image."""
        t = smoothed(t, self.label_smoothing)
        found: Array = -(t * np.log(np.maximum(p, TINY))).sum(axis=-1)
        return found

    def gradient(self, p: Array, t: Array) -> Array:
        """∂l/∂p[k] = -t[k] / p[k]."""
        return -smoothed(t, self.label_smoothing) / np.maximum(p, TINY)


@dataclass(frozen=True)
class BinaryCrossentropy:
    """l = -Σ_k (t[k] · log p[k] + (1 - t[k]) · log(1 - p[k])) / K; smoothing draws t towards one half."""

    label_smoothing: float = 0.0

    def of_images(self, p: Array, t: Array) -> Array:
        """Return the loss of each image."""
        p, t = np.clip(p, NEARLY, 1 - NEARLY), self._smoothed(t)
        found: Array = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(axis=-1)
        return found

    def gradient(self, p: Array, t: Array) -> Array:
        """∂l/∂p[k] = (p[k] - t[k]) / (p[k] · (1 - p[k])) / K, nothing where p is cut off."""
        inside, t = (p > NEARLY) & (p < 1 - NEARLY), self._smoothed(t)
        p = np.clip(p, NEARLY, 1 - NEARLY)
        found: Array = inside * (p - t) / (p * (1 - p)) / p.shape[-1]
        return found

    def _smoothed(self, t: Array) -> Array:
        return t * (1 - self.label_smoothing) + self.label_smoothing / 2


@dataclass(frozen=True)
class MeanSquaredError:
    """l = Σ_k (p[k] - t[k])² / K."""

    def of_images(self, p: Array, t: Array) -> Array:
        """Return the loss of each image."""
        found: Array = ((p - t) ** 2).mean(axis=-1)
        return found

    def gradient(self, p: Array, t: Array) -> Array:
        """∂l/∂p[k] = 2 (p[k] - t[k]) / K."""
        found: Array = 2 * (p - t) / p.shape[-1]
        return found


def smoothed(t: Array, smoothing: float) -> Array:
    """Return targets of which a share is spread over all classes; Szegedy et al., 2016, section 7."""
    return t * (1 - smoothing) + smoothing / t.shape[-1] if smoothing else t


_MADE: dict[type[losses.Loss], type[Loss]] = {
    losses.CategoricalCrossentropy: CategoricalCrossentropy,
    losses.BinaryCrossentropy: BinaryCrossentropy,
    losses.MeanSquaredError: MeanSquaredError,
}


def loss_of(loss: losses.Loss) -> Loss:
    """Return the loss of a configuration that names one of those above."""
    return _MADE[type(loss)](**loss.arguments)

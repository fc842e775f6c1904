"""Optimizers: from weights w and gradients g = ∂L/∂w to the next weights, with Keras' arguments and their meaning.

Whatever one keeps of earlier gradients is a slot: an array beside each weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from cnnbench.config.optimizer import Optimizer as Configured
from cnnbench.learners.numpy.layer import Array, Arrays


class Optimizer:
    """Steps counted from 0; `rate` gives the learning rate η of a step, `arguments` are Keras'."""

    SLOTS: tuple[str, ...] = ()

    def __init__(self, arguments: Mapping[str, Any], rate: Callable[[int], float], weights: Mapping[str, Array]):
        self.arguments, self.rate, self.step = arguments, rate, 0
        self.slots = {slot: {name: self._first(slot, w) for name, w in weights.items()} for slot in self.SLOTS}

    def apply(self, weights: Arrays, gradients: Mapping[str, Array]) -> None:
        """Change the weights in place: clip the gradients, let the weights decay by η · decay, take the step."""
        eta, decay = float(self.rate(self.step)), self.arguments.get("weight_decay")
        gradients = clipped(gradients, self.arguments)
        for name, w in weights.items():
            if decay:
                w -= w * float(eta * decay)
            self._update(w, gradients[name], eta, {slot: kept[name] for slot, kept in self.slots.items()})
        self.step += 1

    def _update(self, w: Array, g: Array, eta: float, kept: Arrays) -> None:
        """Change a weight and what is kept beside it, in place."""
        raise NotImplementedError

    def _first(self, slot: str, w: Array) -> Array:
        return np.zeros_like(w)


class SGD(Optimizer):
    """w ← w - η g; with momentum μ, v ← μ v - η g and w ← w + v, by Nesterov w ← w + μ v - η g with the new v."""

    SLOTS = ("velocity",)

    def _update(self, w: Array, g: Array, eta: float, kept: Arrays) -> None:
        momentum, v = self.arguments["momentum"], kept["velocity"]
        v[...] = momentum * v - eta * g
        w += momentum * v - eta * g if momentum and self.arguments["nesterov"] else v


class RMSprop(Optimizer):
    """a ← ρ a + (1 - ρ) g² and w ← w - η g / √(a + ε); Hinton, 2012, lecture 6e.

    Centred: a less the square of a moving mean of g. With momentum the step goes through v ← μ v + step.
    """

    SLOTS = ("square", "mean", "velocity")

    def _update(self, w: Array, g: Array, eta: float, kept: Arrays) -> None:
        rho, momentum, a = self.arguments["rho"], self.arguments["momentum"], kept["square"]
        a[...] = rho * a + (1 - rho) * g * g
        spread = a
        if self.arguments["centered"]:
            kept["mean"][...] = rho * kept["mean"] + (1 - rho) * g
            spread = a - kept["mean"] ** 2
        step = eta * g / np.sqrt(spread + self.arguments["epsilon"])
        if momentum:
            step = kept["velocity"][...] = momentum * kept["velocity"] + step
        w -= step


class Adagrad(Optimizer):
    """a ← a + g² and w ← w - η g / √(a + ε); Duchi, Hazan and Singer, 2011. The sum grows: steps only get smaller."""

    SLOTS = ("sum",)

    def _first(self, slot: str, w: Array) -> Array:
        return np.full_like(w, self.arguments["initial_accumulator_value"])

    def _update(self, w: Array, g: Array, eta: float, kept: Arrays) -> None:
        kept["sum"] += g * g
        w -= eta * g / np.sqrt(kept["sum"] + self.arguments["epsilon"])


class Adam(Optimizer):
    """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², w ← w - η √(1 - β₂ᵗ)/(1 - β₁ᵗ) · m / (√v + ε) at step t.

    Kingma and Ba, 2015, "Adam", the form before section 2.1. AMSGrad takes the largest v so far.
    """

    SLOTS = ("mean", "square", "largest")

    def _update(self, w: Array, g: Array, eta: float, kept: Arrays) -> None:
        first, second, t = self.arguments["beta_1"], self.arguments["beta_2"], self.step + 1
        m, v = kept["mean"], kept["square"]
        m += (g - m) * (1 - first)
        v += (g * g - v) * (1 - second)
        if self.arguments["amsgrad"]:
            v = np.maximum(kept["largest"], v, out=kept["largest"])
        w -= m * (eta * sqrt(1 - second**t) / (1 - first**t)) / (np.sqrt(v) + self.arguments["epsilon"])


def clipped(gradients: Mapping[str, Array], arguments: Mapping[str, Any]) -> Mapping[str, Array]:
    """Return gradients no longer than `clipnorm` each or `global_clipnorm` together, or within ±`clipvalue`."""
    if most := arguments.get("clipnorm"):
        return {name: g * (most / max(_length([g]), most)) for name, g in gradients.items()}
    if most := arguments.get("global_clipnorm"):
        factor = most / max(_length(list(gradients.values())), most)
        return {name: g * factor for name, g in gradients.items()}
    if most := arguments.get("clipvalue"):
        return {name: np.clip(g, -most, most) for name, g in gradients.items()}
    return gradients


def _length(gradients: list[Array]) -> float:
    return sqrt(sum(float(np.sum(np.square(g))) for g in gradients))


_MADE: Mapping[str, type[Optimizer]] = {"SGD": SGD, "RMSprop": RMSprop, "Adagrad": Adagrad, "Adam": Adam}


def optimizer_of(configured: Configured, rate: Callable[[int], float], weights: Mapping[str, Array]) -> Optimizer:
    """Return the optimizer of a configuration that names one of those above, for these weights."""
    return _MADE[configured.name](configured.arguments, rate, weights)

"""Layers made of layers: one after another, and side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import numpy as np

from cnnbench.learners.numpy.layer import Array, Layer


class Chain(Layer):
    """y = f_k(… f_2(f_1(x))): the chain rule takes ∂L/∂y back through them, the last one first."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self._layers = layers

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers, in order; an activation is one of its own behind the layer that has it."""
        return self._layers

    def forward(self, x: Array, training: bool = False) -> Array:
        """Go through the layers in order."""
        for layer in self._layers:
            x = layer.forward(x, training)
        return x

    def backward(self, gradient: Array, wanted: bool = True) -> Array:
        """Go back through the layers; what the first one's input is told is only reckoned where it is wanted."""
        for position, layer in reversed(list(enumerate(self._layers))):
            gradient = layer.backward(gradient, wanted or position > 0)
        return gradient


class Branches(Layer):
    """y = merge(f_1(x), f_2(x), …); x is told the sum of what the paths are told: ∂L/∂x = Σ_k ∂L/∂x along path k.

    A residual block is two paths, added: He et al., 2016, "Deep Residual Learning for Image Recognition".
    """

    def __init__(self, merge: str, paths: Sequence[Chain]) -> None:
        super().__init__()
        self._merge, self._paths = merge, paths

    def forward(self, x: Array, training: bool = False) -> Array:
        """Go through every path and merge what they give."""
        self._made = [path.forward(x, training) for path in self._paths]
        return _MERGED[self._merge](self._made)

    def backward(self, gradient: Array, wanted: bool = True) -> Array:
        """Tell each path its share, and add up what they tell x."""
        shares = _SHARES[self._merge](self._made, gradient)
        told = [path.backward(share, wanted) for path, share in zip(self._paths, shares, strict=True)]
        return reduce(np.add, told) if wanted else gradient


def _summed(gradient: Array, like: Array) -> Array:
    """Return ∂L/∂y in the shape of a path that an axis of length 1 was repeated of: each repetition tells it."""
    axes = tuple(i for i, (long, short) in enumerate(zip(gradient.shape, like.shape, strict=True)) if long != short)
    summed: Array = gradient.sum(axis=axes, keepdims=True) if axes else gradient
    return summed


def _added(made: Sequence[Array], gradient: Array) -> list[Array]:
    """∂L/∂p_k = ∂L/∂y."""
    return [_summed(gradient, path) for path in made]


def _averaged(made: Sequence[Array], gradient: Array) -> list[Array]:
    """∂L/∂p_k = ∂L/∂y / K of K paths."""
    return [_summed(gradient / len(made), path) for path in made]


def _multiplied(made: Sequence[Array], gradient: Array) -> list[Array]:
    """∂L/∂p_k = ∂L/∂y · Π of the other paths."""
    others = [reduce(np.multiply, [p for j, p in enumerate(made) if j != k]) for k in range(len(made))]
    return [_summed(gradient * rest, path) for rest, path in zip(others, made, strict=True)]


def _largest(made: Sequence[Array], gradient: Array) -> list[Array]:
    """∂L/∂p_k = ∂L/∂y where p_k is the maximum, the first of equal ones, and nothing elsewhere."""
    winner = np.argmax(np.stack(np.broadcast_arrays(*made)), axis=0)
    return [_summed(gradient * (winner == k), path) for k, path in enumerate(made)]


def _cut(made: Sequence[Array], gradient: Array) -> list[Array]:
    """∂L/∂p_k is the part of ∂L/∂y that p_k is in y."""
    return np.split(gradient, np.cumsum([path.shape[-1] for path in made])[:-1], axis=-1)


_MERGED: Mapping[str, Callable[[Sequence[Array]], Array]] = {
    "Add": lambda made: reduce(np.add, made),
    "Average": lambda made: reduce(np.add, made) / len(made),
    "Multiply": lambda made: reduce(np.multiply, made),
    "Maximum": lambda made: reduce(np.maximum, made),
    "Concatenate": lambda made: np.concatenate(made, axis=-1),
}
_SHARES: Mapping[str, Callable[[Sequence[Array], Array], list[Array]]] = {
    "Add": _added,
    "Average": _averaged,
    "Multiply": _multiplied,
    "Maximum": _largest,
    "Concatenate": _cut,
}

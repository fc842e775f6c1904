"""Sizes and parameters of layers as a source prints them, against those that follow from the layers before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from cnnbench.studies.checks import Layers, LayerSays
from cnnbench.text import count


@dataclass
class _Map:
    """What comes out of the layers so far: height and width, and channels or units; None is not known."""

    size: int | None
    channels: int | None
    flat: bool = False

    @property
    def values(self) -> int | None:
        """All numbers of it."""
        if self.flat or self.channels is None:
            return self.channels
        return None if self.size is None else self.size**2 * self.channels


def layer_mistakes(check: Layers) -> list[str]:
    """Return what cannot be; after a wrong size the source's own is gone on with."""
    made, wrong, numbers = _Map(check.size, check.channels), [], []
    for number, layer in enumerate(check.layers, start=1):
        name = layer.label or f"layer {number}, {layer.kind}"
        right = _parameters(layer, made)
        numbers.append(layer.parameters if layer.parameters is not None else right[0] if right else None)
        if layer.parameters is not None and right and layer.parameters not in right:
            others = " or ".join(map(count, right))
            wrong.append(f"{name}: {count(layer.parameters)} parameters are printed; it has {others}")
        wrong += _advance(layer, made, name)
    if check.total is not None and None not in numbers:
        total = sum(number for number in numbers if number is not None)
        if total != check.total:
            wrong.append(f"the layers have {count(total)} parameters, not {count(check.total)}")
    return wrong


def _advance(layer: LayerSays, made: _Map, name: str) -> list[str]:
    """Take a map through a layer in place; return what is wrong with its printed size."""
    if layer.kind == "dense":
        made.channels, made.flat = layer.units, True
        return []
    if layer.kind != "pooling":
        made.channels = layer.units or made.channels
    size = None if made.size is None else _size(layer, made.size)
    before, made.size = made.size, layer.size or (None if size is None else floor(size))
    if layer.size is None or size is None or layer.size in _allowed(layer, size):
        return []
    if layer.kind == "same":
        return [f"{name}: {layer.size} x {layer.size} behind {before} x {before}, which it cannot change"]
    follows = f"{size.numerator / size.denominator:g}"
    odd = ", no whole number" if size.denominator > 1 else ""
    return [f"{name}: {layer.size} positions are printed; {before} make {follows}{odd}"]


def _size(layer: LayerSays, size: int) -> Fraction:
    """Return how many positions a window has: (size + 2 padding - kernel) / stride + 1."""
    if layer.kind == "same":
        return Fraction(size)
    if layer.padding == "same":
        return Fraction(ceil(size / layer.stride))
    padding = layer.padding if isinstance(layer.padding, int) else 0
    return Fraction(size + 2 * padding - (layer.kernel or 1), layer.stride) + 1


def _allowed(layer: LayerSays, size: Fraction) -> set[int]:
    """Return the sizes that frameworks make of it: rounded down, pooling also up."""
    return {floor(size), ceil(size)} if layer.kind == "pooling" else {floor(size)}


def _parameters(layer: LayerSays, made: _Map) -> list[int]:
    """Return the right numbers of parameters, with a bias for each unit; none where too little is known."""
    inputs = layer.inputs or (made.values if layer.kind == "dense" else made.channels)
    if layer.kind == "pooling":  # LeNet's have a coefficient and a bias for each map
        return [0, *([2 * inputs] if inputs else []), *layer.also]
    if layer.kind == "same":  # batch normalisation: scale and shift, with moving mean and variance
        return [0, *([2 * inputs, 4 * inputs] if inputs else []), *layer.also]
    if inputs is None or layer.units is None:
        return []
    window = (layer.kernel or 1) ** 2 if layer.kind == "convolution" else 1
    return [window * inputs * layer.units + layer.units, *layer.also]

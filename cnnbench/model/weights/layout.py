"""How frameworks keep the weights of a layer: shapes to look for, and the way from there to Keras' axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.model.weights.slots import Shape, Slot
from cnnbench.model.weights.stored import Layout

Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Wanted:
    """Arrays that belong together in a file, and what makes of them the slot's weights, or the next of these."""

    slot: Slot
    shapes: tuple[Shape, ...]
    taken: Callable[[Arrays], list[NDArray[Any]]]

    @property
    def rank(self) -> int:
        """How many axes its first array has, as in `Unit`."""
        return len(self.shapes[0])


def wanted(slots: Sequence[Slot], layout: Layout) -> list[Wanted]:
    """Return what to look for in a file, in the order of the slots."""
    if layout == "keras":
        return [Wanted(slot, slot.shapes, list) for slot in slots]
    return [each for slot in slots for each in _torch(slot)]


def _torch(slot: Slot) -> Iterator[Wanted]:
    """Yield what PyTorch keeps for a layer of Keras; a separable convolution is two of PyTorch's."""
    first, *rest = slot.shapes
    if slot.kind == "SeparableConv2D":
        yield Wanted(slot, (_depthwise_shape(first),), lambda arrays: [_depthwise(arrays[0], first)])
        yield Wanted(slot, (_conv_shape(rest[0]), *rest[1:]), lambda a: [_conv(a[0]), *a[1:]])
    elif slot.kind == "DepthwiseConv2D":
        yield Wanted(slot, (_depthwise_shape(first), *rest), lambda a: [_depthwise(a[0], first), *a[1:]])
    elif len(first) == 4:
        yield Wanted(slot, (_conv_shape(first), *rest), lambda a: [_conv(a[0]), *a[1:]])
    elif len(first) == 2:
        yield Wanted(slot, ((first[1], first[0]), *rest), lambda a: [_dense(a[0], slot.flattened), *a[1:]])
    elif slot.kind == "PReLU":
        yield Wanted(slot, ((prod(first),),), lambda a: [a[0].reshape(first)])
    else:
        yield Wanted(slot, slot.shapes, lambda arrays: [_vector(array, slot.flattened) for array in arrays])


def _conv_shape(shape: Shape) -> Shape:
    """Return (O, I, H, W) of (H, W, I, O); of a transposed convolution (I, O, H, W) of (H, W, O, I)."""
    height, width, channels, filters = shape
    return (filters, channels, height, width)


def _conv(kernel: NDArray[Any]) -> NDArray[Any]:
    """Return (H, W, I, O) of (O, I, H, W); of a transposed convolution (H, W, O, I) of (I, O, H, W)."""
    return kernel.transpose(2, 3, 1, 0)


def _depthwise_shape(shape: Shape) -> Shape:
    height, width, channels, multiplier = shape
    return (channels * multiplier, 1, height, width)


def _depthwise(kernel: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Return (H, W, C, M) of (C * M, 1, H, W): the filters of a channel stand together."""
    height, width, channels, multiplier = shape
    return kernel.reshape(channels, multiplier, height, width).transpose(2, 3, 0, 1)


def _dense(kernel: NDArray[Any], flattened: Shape | None) -> NDArray[Any]:
    """Return (inputs, units) of (units, inputs), whose inputs are maps flattened channel by channel in PyTorch."""
    return _vector(kernel.T, flattened)


def _vector(values: NDArray[Any], flattened: Shape | None) -> NDArray[Any]:
    """Return values of flattened maps in the order (H, W, C) where PyTorch has (C, H, W) along the first axis."""
    if flattened is None:
        return values
    height, width, channels = flattened
    order = np.arange(height * width * channels).reshape(channels, height, width).transpose(1, 2, 0)
    return values[order.reshape(-1)]

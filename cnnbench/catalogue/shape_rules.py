"""What each layer does to a shape and how many multiply-accumulates it takes, without Keras.

A rule takes all arguments of a layer, defaults among them, and its input shape, batch axis left out, and returns output
shape and MACs per image; it raises ShapeError where the layer cannot take that shape. MACs are those of convolutions
and dense layers; bias, pooling, normalisation and activations count as none, as papers do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, prod
from typing import Any

from cnnbench.catalogue.applications import APPLICATIONS

Shape = tuple[int, ...]
Args = Mapping[str, Any]
Rule = Callable[[Args, Shape], tuple[Shape, int]]


class ShapeError(ValueError):
    """A layer that cannot take the shape it gets."""


def text(shape: Shape) -> str:
    """Return a shape as people write it: 32x32x3, or the number of values of a vector."""
    return "x".join(map(str, shape)) if len(shape) > 1 else f"{prod(shape)} values"


def pair(value: Any) -> tuple[int, int]:
    """Return Keras' size arguments as (vertical, horizontal): 3 and [3, 3] both mean (3, 3)."""
    if isinstance(value, int):
        return value, value
    if len(value) == 1:
        return value[0], value[0]
    return value[0], value[1]


def _map(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ShapeError(f"needs a map (height x width x channels), found {text(shape)}")
    return shape[0], shape[1], shape[2]


def _window(size: Any, strides: Any, padding: str, shape: Shape, what: str, dilation: Any = 1) -> tuple[int, int]:
    """Return height and width after a window has moved over the map."""
    taps, steps, spread = pair(size), pair(strides), pair(dilation)
    if max(steps) > 1 and max(spread) > 1:
        raise ShapeError("strides and dilation_rate cannot both be larger than 1")
    spans = [(tap - 1) * gap + 1 for tap, gap in zip(taps, spread, strict=True)]
    if padding == "same":
        return ceil(shape[0] / steps[0]), ceil(shape[1] / steps[1])
    if spans[0] > shape[0] or spans[1] > shape[1]:
        dilated = f" (dilated to {spans[0]}x{spans[1]})" if max(spread) > 1 else ""
        size_text = f"{what} {taps[0]}x{taps[1]}{dilated}"
        raise ShapeError(f"{size_text} is larger than its map {shape[0]}x{shape[1]} (padding: valid)")
    return (shape[0] - spans[0]) // steps[0] + 1, (shape[1] - spans[1]) // steps[1] + 1


def _convolved(args: Args, shape: Shape) -> tuple[int, int]:
    padding, dilation = args["padding"], args["dilation_rate"]
    return _window(args["kernel_size"], args["strides"], padding, _map(shape), "kernel", dilation)


def conv(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A kernel over all channels of its group."""
    height, width = _convolved(args, shape)
    channels, filters, groups = shape[2], args["filters"], args["groups"]
    if channels % groups or filters % groups:
        raise ShapeError(f"groups: {groups} must divide its {channels} input channels and its {filters} filters")
    taps = prod(pair(args["kernel_size"]))
    return (height, width, filters), height * width * taps * (channels // groups) * filters


def depthwise(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A kernel for each channel by itself."""
    height, width = _convolved(args, shape)
    channels = shape[2] * args["depth_multiplier"]
    return (height, width, channels), height * width * prod(pair(args["kernel_size"])) * channels


def separable(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A depthwise kernel, then one value per channel and filter."""
    (height, width, channels), macs = depthwise(args, shape)
    filters = args["filters"]
    return (height, width, filters), macs + height * width * channels * filters


def sparse_conv(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A kernel over the channels that a table names for each filter."""
    height, width = _window(args["kernel_size"], 1, "valid", _map(shape), "kernel")
    table, filters = args["connections"], args["filters"]
    if len(table) != filters:
        raise ShapeError(f"connections: needs a list for each of its {filters} filters, found {len(table)}")
    wrong = [c for channels in table for c in channels if not 0 <= c < shape[2]]
    if wrong:
        raise ShapeError(f"connections: input channels are 0 to {shape[2] - 1}, found {wrong[0]}")
    taps = prod(pair(args["kernel_size"]))
    return (height, width, filters), height * width * taps * sum(map(len, table))


def whitening(args: Args, shape: Shape) -> tuple[Shape, int]:
    """As many kernels as a patch has values, and the same with the other sign."""
    height, width = _window(args["kernel_size"], args["strides"], args["padding"], _map(shape), "kernel")
    values = prod(pair(args["kernel_size"])) * shape[2]
    return (height, width, 2 * values), height * width * values * 2 * values


def transposed(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A kernel laid at every value of the input."""
    height, width, channels = _map(shape)
    taps, filters = pair(args["kernel_size"]), args["filters"]
    grown = [_grow(args, axis, shape[axis]) for axis in (0, 1)]
    return (grown[0], grown[1], filters), height * width * prod(taps) * channels * filters


def _grow(args: Args, axis: int, size: int) -> int:
    """Return one side after a transposed convolution, by Keras' definition of its padding."""
    step, span = pair(args["strides"])[axis], pair(args["kernel_size"])[axis]
    if pair(args["dilation_rate"])[axis] > 1:
        raise ShapeError("a dilation_rate larger than 1 is not known to TensorFlow's kernels for CPUs")
    same, extra = args["padding"] == "same", args["output_padding"]
    if extra is None:
        return size * step if same else (size - 1) * step + max(span, step)
    return (size - 1) * step + (span % 2 if same else span) + pair(extra)[axis]


def pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A window that keeps every channel."""
    size = args["pool_size"]
    strides = args["strides"]
    padding = args["padding"]
    height, width = _window(size, size if strides is None else strides, padding, _map(shape), "pool")
    return (height, width, shape[2]), 0


def global_pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A value for each channel."""
    channels = _map(shape)[2]
    return (1, 1, channels) if args["keepdims"] else (channels,), 0


def adaptive_pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    """Windows whose number is given."""
    height, width, channels = _map(shape)
    sizes = pair(args["output_size"])
    for size, side in zip(sizes, (height, width), strict=True):
        if ceil(side / size) + 1 > side:  # Keras lays windows of this size and one larger, which must fit
            raise ShapeError(f"cannot make {sizes[0]}x{sizes[1]} of {height}x{width}; a plain pooling can")
    return (*sizes, channels), 0


def dense(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A weight for each input and unit, along the last axis."""
    return (*shape[:-1], args["units"]), prod(shape) * args["units"]


def flatten(args: Args, shape: Shape) -> tuple[Shape, int]:
    """All values in one axis."""
    return (prod(shape),), 0


def reshape(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same values along other axes."""
    target = tuple(args["target_shape"])
    known = prod(size for size in target if size != -1)
    free = target.count(-1)
    fits = known > 0 and prod(shape) % known == 0 if free else known == prod(shape)
    if free > 1 or not fits:
        raise ShapeError(f"target_shape {list(target)} does not hold the {prod(shape)} values of {text(shape)}")
    return tuple(prod(shape) // known if size == -1 else size for size in target), 0


def permute(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same axes in another order."""
    dims = args["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise ShapeError(f"dims {list(dims)} must hold each of 1 to {len(shape)} once")
    return tuple(shape[dim - 1] for dim in dims), 0


def borders(value: Any) -> tuple[int, int]:
    """Return how much a padding or cropping argument means vertically and horizontally."""
    vertical, horizontal = (value, value) if isinstance(value, int) else value
    sides = [2 * side if isinstance(side, int) else sum(side) for side in (vertical, horizontal)]
    return sides[0], sides[1]


def zero_padding(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A border on each side."""
    height, width, channels = _map(shape)
    vertical, horizontal = borders(args["padding"])
    return (height + vertical, width + horizontal, channels), 0


def cropping(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A border less on each side."""
    height, width, channels = _map(shape)
    vertical, horizontal = borders(args["cropping"])
    if vertical >= height or horizontal >= width:
        raise ShapeError(f"cropping {vertical}x{horizontal} leaves nothing of its map {height}x{width}")
    return (height - vertical, width - horizontal, channels), 0


def up_sampling(args: Args, shape: Shape) -> tuple[Shape, int]:
    """Rows and columns several times."""
    height, width, channels = _map(shape)
    vertical, horizontal = pair(args["size"])
    return (height * vertical, width * horizontal, channels), 0


def application(args: Args, shape: Shape) -> tuple[Shape, int]:
    """A network of keras.applications up to its pooled features; its MACs are counted once it is built."""
    facts, (height, width, _) = APPLICATIONS[args["network"]], _map(shape)
    if min(height, width) < facts["smallest"]:
        least = f"{facts['smallest']}x{facts['smallest']}"
        raise ShapeError(f"{args['network']} needs images of {least} at least, found {height}x{width}")
    return (facts["features"],), 0


def same(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same shape."""
    return shape, 0


def same_map(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same map."""
    return _map(shape), 0


def group_normalization(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same shape, whose channels the groups divide."""
    return _divided(args["groups"], shape)


def channel_shuffle(args: Args, shape: Shape) -> tuple[Shape, int]:
    """The same map, whose channels the groups divide."""
    return _divided(args["groups"], _map(shape))


def _divided(groups: int, shape: Shape) -> tuple[Shape, int]:
    if groups != -1 and shape[-1] % groups:
        raise ShapeError(f"groups: {groups} must divide its {shape[-1]} channels")
    return shape, 0

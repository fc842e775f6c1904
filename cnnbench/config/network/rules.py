"""What each layer does to a shape and how many multiply-accumulates it takes, without Keras.

A rule takes a layer's arguments and its input shape, batch axis left out, and returns output shape and MACs
per image; it raises ShapeError where the layer cannot take that shape. MACs are those of convolutions and
dense layers; bias, pooling, normalisation and activations count as none, as papers do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, prod
from typing import Any

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
    padding, dilation = args.get("padding", "valid"), args.get("dilation_rate", 1)
    return _window(args["kernel_size"], args.get("strides", 1), padding, _map(shape), "kernel", dilation)


def _conv(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width = _convolved(args, shape)
    channels, filters, groups = shape[2], args["filters"], args.get("groups", 1)
    if channels % groups or filters % groups:
        raise ShapeError(f"groups: {groups} must divide its {channels} input channels and its {filters} filters")
    taps = prod(pair(args["kernel_size"]))
    return (height, width, filters), height * width * taps * (channels // groups) * filters


def _depthwise(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width = _convolved(args, shape)
    channels = shape[2] * args.get("depth_multiplier", 1)
    return (height, width, channels), height * width * prod(pair(args["kernel_size"])) * channels


def _separable(args: Args, shape: Shape) -> tuple[Shape, int]:
    (height, width, channels), macs = _depthwise(args, shape)
    filters = args["filters"]
    return (height, width, filters), macs + height * width * channels * filters


def _sparse_conv(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width = _convolved(args, shape)
    table, filters = args["connections"], args["filters"]
    if len(table) != filters:
        raise ShapeError(f"connections: needs a list for each of its {filters} filters, found {len(table)}")
    wrong = [c for channels in table for c in channels if not 0 <= c < shape[2]]
    if wrong:
        raise ShapeError(f"connections: input channels are 0 to {shape[2] - 1}, found {wrong[0]}")
    taps = prod(pair(args["kernel_size"]))
    return (height, width, filters), height * width * taps * sum(map(len, table))


def _transposed(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width, channels = _map(shape)
    taps, filters = pair(args["kernel_size"]), args["filters"]
    grown = [_grow(args, axis, shape[axis]) for axis in (0, 1)]
    return (grown[0], grown[1], filters), height * width * prod(taps) * channels * filters


def _grow(args: Args, axis: int, size: int) -> int:
    """Return one side after a transposed convolution, by Keras' definition of its padding."""
    step, span = pair(args.get("strides", 1))[axis], pair(args["kernel_size"])[axis]
    if pair(args.get("dilation_rate", 1))[axis] > 1:
        raise ShapeError("a dilation_rate larger than 1 is not known to TensorFlow's kernels for CPUs")
    same, extra = args.get("padding", "valid") == "same", args.get("output_padding")
    if extra is None:
        return size * step if same else (size - 1) * step + max(span, step)
    return (size - 1) * step + (span % 2 if same else span) + pair(extra)[axis]


def _pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    size = args.get("pool_size", 2)
    strides = args.get("strides")
    padding = args.get("padding", "valid")
    height, width = _window(size, size if strides is None else strides, padding, _map(shape), "pool")
    return (height, width, shape[2]), 0


def _global_pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    channels = _map(shape)[2]
    return (1, 1, channels) if args.get("keepdims", False) else (channels,), 0


def _adaptive_pool(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width, channels = _map(shape)
    sizes = pair(args["output_size"])
    for size, side in zip(sizes, (height, width), strict=True):
        if ceil(side / size) + 1 > side:  # Keras lays windows of this size and one larger, which must fit
            raise ShapeError(f"cannot make {sizes[0]}x{sizes[1]} of {height}x{width}; a plain pooling can")
    return (*sizes, channels), 0


def _dense(args: Args, shape: Shape) -> tuple[Shape, int]:
    return (*shape[:-1], args["units"]), prod(shape) * args["units"]


def _flatten(args: Args, shape: Shape) -> tuple[Shape, int]:
    return (prod(shape),), 0


def _reshape(args: Args, shape: Shape) -> tuple[Shape, int]:
    target = tuple(args["target_shape"])
    known = prod(size for size in target if size != -1)
    free = target.count(-1)
    fits = known > 0 and prod(shape) % known == 0 if free else known == prod(shape)
    if free > 1 or not fits:
        raise ShapeError(f"target_shape {list(target)} does not hold the {prod(shape)} values of {text(shape)}")
    return tuple(prod(shape) // known if size == -1 else size for size in target), 0


def _permute(args: Args, shape: Shape) -> tuple[Shape, int]:
    dims = args["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise ShapeError(f"dims {list(dims)} must hold each of 1 to {len(shape)} once")
    return tuple(shape[dim - 1] for dim in dims), 0


def _borders(value: Any) -> tuple[int, int]:
    """Return how much a padding or cropping argument means vertically and horizontally."""
    vertical, horizontal = (value, value) if isinstance(value, int) else value
    sides = [2 * side if isinstance(side, int) else sum(side) for side in (vertical, horizontal)]
    return sides[0], sides[1]


def _zero_padding(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width, channels = _map(shape)
    vertical, horizontal = _borders(args.get("padding", 1))
    return (height + vertical, width + horizontal, channels), 0


def _cropping(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width, channels = _map(shape)
    vertical, horizontal = _borders(args.get("cropping", 0))
    if vertical >= height or horizontal >= width:
        raise ShapeError(f"cropping {vertical}x{horizontal} leaves nothing of its map {height}x{width}")
    return (height - vertical, width - horizontal, channels), 0


def _up_sampling(args: Args, shape: Shape) -> tuple[Shape, int]:
    height, width, channels = _map(shape)
    vertical, horizontal = pair(args.get("size", 2))
    return (height * vertical, width * horizontal, channels), 0


def _same(args: Args, shape: Shape) -> tuple[Shape, int]:
    return shape, 0


def _same_map(args: Args, shape: Shape) -> tuple[Shape, int]:
    return _map(shape), 0


def _group_normalization(args: Args, shape: Shape) -> tuple[Shape, int]:
    return _divided(args.get("groups", 32), shape)


def _channel_shuffle(args: Args, shape: Shape) -> tuple[Shape, int]:
    return _divided(args["groups"], _map(shape))


def _divided(groups: int, shape: Shape) -> tuple[Shape, int]:
    if groups != -1 and shape[-1] % groups:
        raise ShapeError(f"groups: {groups} must divide its {shape[-1]} channels")
    return shape, 0


RULES: Mapping[str, Rule] = {
    "Conv2D": _conv,
    "Conv2DTranspose": _transposed,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "SparseConv2D": _sparse_conv,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalMaxPooling2D": _global_pool,
    "GlobalAveragePooling2D": _global_pool,
    "AdaptiveMaxPooling2D": _adaptive_pool,
    "AdaptiveAveragePooling2D": _adaptive_pool,
    "Dense": _dense,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "ZeroPadding2D": _zero_padding,
    "Cropping2D": _cropping,
    "UpSampling2D": _up_sampling,
    "BatchNormalization": _same,
    "LayerNormalization": _same,
    "GroupNormalization": _group_normalization,
    "UnitNormalization": _same,
    "RMSNormalization": _same,
    "LocalResponseNormalization": _same_map,
    "ChannelShuffle": _channel_shuffle,
    "Activation": _same,
    "ScaledTanh": _same,
    "ReLU": _same,
    "LeakyReLU": _same,
    "PReLU": _same,
    "ELU": _same,
    "Softmax": _same,
    "Dropout": _same,
    "SpatialDropout2D": _same_map,
    "AlphaDropout": _same,
    "GaussianDropout": _same,
    "GaussianNoise": _same,
    "ActivityRegularization": _same,
    "Identity": _same,
}

"""Why a layer's output and its weights are as large as they are: the formula of each rule, with its numbers put in.

A formula takes what a rule takes, and for outputs also what the rule made. It ends in "= result", or says in words what
no arithmetic is needed for. `x` multiplies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnbench.catalogue import shape_rules as shapes
from cnnbench.catalogue import weight_rules as weights
from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.shape_rules import Args, Shape, borders, pair

OutputFormula = Callable[[Args, Shape, Shape], str]
WeightFormula = Callable[[Args, Shape], str]


def _sides(shape: Shape, made: Shape, side: Callable[[int], str]) -> str:
    """Return the formula of the height, and that of the width where it is another."""
    first, second = (f"{side(axis)} = {made[axis]}" for axis in (0, 1))
    return first if first == second else f"{first}; {second}"


def _windowed(args: Args, shape: Shape, made: Shape, size: Any, strides: Any, dilation: Any = 1) -> str:
    taps, steps, spread = pair(size), pair(strides), pair(dilation)

    def side(axis: int) -> str:
        if args["padding"] == "same":
            return f"ceil({shape[axis]}/{steps[axis]})"
        span = (taps[axis] - 1) * spread[axis] + 1
        if steps[axis] == 1:
            return f"{shape[axis]} - {span} + 1"
        return f"floor(({shape[axis]} - {span})/{steps[axis]}) + 1"

    return _sides(shape, made, side)


def _convolved(args: Args, shape: Shape, made: Shape) -> str:
    return _windowed(args, shape, made, args["kernel_size"], args["strides"], args["dilation_rate"])


def _sparse(args: Args, shape: Shape, made: Shape) -> str:
    return _windowed({"padding": "valid"}, shape, made, args["kernel_size"], 1)


def _whitened(args: Args, shape: Shape, made: Shape) -> str:
    return _windowed(args, shape, made, args["kernel_size"], args["strides"])


def _pooled(args: Args, shape: Shape, made: Shape) -> str:
    return _windowed(args, shape, made, args["pool_size"], args["strides"] or args["pool_size"])


def _transposed(args: Args, shape: Shape, made: Shape) -> str:
    steps, spans, extra = pair(args["strides"]), pair(args["kernel_size"]), args["output_padding"]
    same = args["padding"] == "same"

    def side(axis: int) -> str:
        if extra is not None:
            span = spans[axis] % 2 if same else spans[axis]
            return f"({shape[axis]} - 1) x {steps[axis]} + {span} + {pair(extra)[axis]}"
        if same:
            return f"{shape[axis]} x {steps[axis]}"
        return f"({shape[axis]} - 1) x {steps[axis]} + {max(spans[axis], steps[axis])}"

    return _sides(shape, made, side)


def _flat(args: Args, shape: Shape, made: Shape) -> str:
    return f"{' x '.join(map(str, shape))} = {made[0]}"


def _bordered(key: str, sign: str) -> OutputFormula:
    def formula(args: Args, shape: Shape, made: Shape) -> str:
        border = borders(args[key])
        return _sides(shape, made, lambda axis: f"{shape[axis]} {sign} {border[axis]}")

    return formula


def _enlarged(args: Args, shape: Shape, made: Shape) -> str:
    return _sides(shape, made, lambda axis: f"{shape[axis]} x {pair(args['size'])[axis]}")


def _said(text: str) -> OutputFormula:
    return lambda args, shape, made: text


OUTPUTS: Mapping[shapes.Rule, OutputFormula] = {
    shapes.conv: _convolved,
    shapes.depthwise: _convolved,
    shapes.separable: _convolved,
    shapes.sparse_conv: _sparse,
    shapes.whitening: _whitened,
    shapes.transposed: _transposed,
    shapes.pool: _pooled,
    shapes.global_pool: _said("a value for each map"),
    shapes.adaptive_pool: _said("as output_size says"),
    shapes.application: _said("the features before its last layer, pooled"),
    shapes.dense: _said("a value for each unit"),
    shapes.flatten: _flat,
    shapes.reshape: _said("the same values, as target_shape says"),
    shapes.permute: _said("the same axes, as dims says"),
    shapes.zero_padding: _bordered("padding", "+"),
    shapes.cropping: _bordered("cropping", "-"),
    shapes.up_sampling: _enlarged,
    shapes.same: _said("as its input"),
    shapes.same_map: _said("as its input"),
    shapes.group_normalization: _said("as its input"),
    shapes.channel_shuffle: _said("as its input"),
}


def _kernels(count: int, kernel: str, args: Args) -> str:
    """So many kernels, each with its bias."""
    return f"{count} x ({kernel} + 1)" if args["use_bias"] else f"{count} x {kernel}"


def _taps(args: Args) -> str:
    return "x".join(map(str, pair(args["kernel_size"])))


def _conv(args: Args, shape: Shape) -> str:
    return _kernels(args["filters"], f"{_taps(args)}x{shape[-1] // args['groups']}", args)


def _backwards(args: Args, shape: Shape) -> str:
    return _kernels(args["filters"], f"{_taps(args)}x{shape[-1]}", args)


def _depthwise(args: Args, shape: Shape) -> str:
    return _kernels(shape[-1] * args["depth_multiplier"], _taps(args), args)


def _separable(args: Args, shape: Shape) -> str:
    channels = shape[-1] * args["depth_multiplier"]
    return f"{channels} x {_taps(args)} + {_kernels(args['filters'], str(channels), args)}"


def _connected(args: Args, shape: Shape) -> str:
    return f"{sum(map(len, args['connections']))} x {_taps(args)} + {args['filters']}"


def _both_signs(args: Args, shape: Shape) -> str:
    patch = f"{_taps(args)}x{shape[-1]}"
    return f"2 x {patch} x ({patch} + 1)" if args["use_bias"] else f"2 x {patch} x {patch}"


def _dense(args: Args, shape: Shape) -> str:
    return _kernels(args["units"], str(shape[-1]), args)


def _whole_network(args: Args, shape: Shape) -> str:
    facts = APPLICATIONS[args["network"]]
    return f"{facts['weights']} + {facts['per_channel']} x {shape[-1]}"


def _per_channel(args: Args, shape: Shape) -> str:
    kept = args["center"] + args["scale"]
    return f"({kept} learnt + 2 measured) x {shape[-1]}"


def _per_place(rule: weights.Rule) -> WeightFormula:
    """So many numbers at each place."""

    def formula(args: Args, shape: Shape) -> str:
        sizes = [size for size in rule(args, shape).values() if size is not None]
        return " x ".join(map(str, (len(sizes), *sizes[0]))) if sizes else ""

    return formula


WEIGHTS: Mapping[weights.Rule, WeightFormula] = {
    weights.none: lambda args, shape: "",
    weights.conv: _conv,
    weights.transposed: _backwards,
    weights.depthwise: _depthwise,
    weights.separable: _separable,
    weights.sparse: _connected,
    weights.whitening: _both_signs,
    weights.dense: _dense,
    weights.moving: _per_channel,
    weights.application: _whole_network,
    **{rule: _per_place(rule) for rule in (weights.grouped, weights.over_axes, weights.scale, weights.alpha)},
}

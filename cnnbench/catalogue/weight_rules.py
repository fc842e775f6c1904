"""The weights of each layer, by name and shape, without Keras.

A rule takes all arguments of a layer, defaults among them, and its input shape, batch axis left out; a weight that the
arguments switch off has the shape None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.shape_rules import Args, Shape, pair

Weights = Mapping[str, Shape | None]
Rule = Callable[[Args, Shape], Weights]


def none(args: Args, shape: Shape) -> Weights:
    """No weights."""
    return {}


def _bias(args: Args, size: int) -> Shape | None:
    return (size,) if args["use_bias"] else None


def conv(args: Args, shape: Shape) -> Weights:
    """A kernel per filter."""
    filters = args["filters"]
    kernel = (*pair(args["kernel_size"]), shape[-1] // args["groups"], filters)
    return {"kernel": kernel, "bias": _bias(args, filters)}


def transposed(args: Args, shape: Shape) -> Weights:
    """A kernel per filter, axes the other way round."""
    filters = args["filters"]
    return {"kernel": (*pair(args["kernel_size"]), filters, shape[-1]), "bias": _bias(args, filters)}


def depthwise(args: Args, shape: Shape) -> Weights:
    """Kernels per channel."""
    multiplier = args["depth_multiplier"]
    kernel = (*pair(args["kernel_size"]), shape[-1], multiplier)
    return {"depthwise": kernel, "bias": _bias(args, shape[-1] * multiplier)}


def separable(args: Args, shape: Shape) -> Weights:
    """Kernels per channel, then a value per channel and filter."""
    filters, multiplier = args["filters"], args["depth_multiplier"]
    depthwise = (*pair(args["kernel_size"]), shape[-1], multiplier)
    return {
        "depthwise": depthwise,
        "pointwise": (1, 1, shape[-1] * multiplier, filters),
        "bias": _bias(args, filters),
    }


def sparse(args: Args, shape: Shape) -> Weights:
    """A kernel per connection."""
    connections = sum(map(len, args["connections"]))
    # Its initializer draws a whole kernel, of which the connected part is kept.
    return {"kernel": (*pair(args["kernel_size"]), 1, connections), "bias": (args["filters"],)}


def whitening(args: Args, shape: Shape) -> Weights:
    """A bias per kernel, which is learnt, and the kernels, which are not."""
    height, width = pair(args["kernel_size"])
    filters = 2 * height * width * shape[-1]
    return {"bias": _bias(args, filters), "kernel": (height, width, shape[-1], filters)}


def dense(args: Args, shape: Shape) -> Weights:
    """A value per input and unit."""
    return {"kernel": (shape[-1], args["units"]), "bias": _bias(args, args["units"])}


def application(args: Args, shape: Shape) -> Weights:
    """All of a network's weights, as one."""
    facts = APPLICATIONS[args["network"]]
    return {"all": (facts["weights"] + facts["per_channel"] * shape[-1],)}


def moving(args: Args, shape: Shape) -> Weights:
    """What is learnt of each channel, and what is kept of the batches."""
    size = (shape[-1],)
    return {**_gamma_and_beta(args, size), "moving_mean": size, "moving_variance": size}


def grouped(args: Args, shape: Shape) -> Weights:
    """What is learnt of each channel."""
    return _gamma_and_beta(args, (shape[-1],))


def over_axes(args: Args, shape: Shape) -> Weights:
    """What is learnt of each place along the axes."""
    return _gamma_and_beta(args, _chosen(args, shape))


def scale(args: Args, shape: Shape) -> Weights:
    """A factor for each place along the axes."""
    return {"scale": _chosen(args, shape)}


def _chosen(args: Args, shape: Shape) -> Shape:
    axes = args["axis"]
    whole = (1, *shape)
    return tuple(whole[axis] for axis in (axes if isinstance(axes, list) else [axes]))


def _gamma_and_beta(args: Args, size: Shape) -> Weights:
    return {
        "gamma": size if args["scale"] else None,
        "beta": size if args["center"] else None,
    }


def alpha(args: Args, shape: Shape) -> Weights:
    """A slope for each place, some of them shared."""
    shared = args["shared_axes"] or ()
    return {"alpha": tuple(1 if i in shared else size for i, size in enumerate(shape, start=1))}

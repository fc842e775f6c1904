"""What weights are before training, by Keras' names and formulas; the numbers are drawn by NumPy's own generator."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.random import Generator

from cnnbench.catalogue.objects import SNAKE_CASE
from cnnbench.learners.numpy.layer import Array

TRUNCATED = 0.87962566103423978  # the deviation of a normal variable that is drawn again beyond two deviations

# (scale, fan, distribution): a variance of scale / fan.
_SCALED: Mapping[str, tuple[float, str, str]] = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),  # Glorot and Bengio, 2010
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),  # He et al., 2015
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
}


def drawn(described: Any, shape: tuple[int, ...], draws: Generator) -> Array:
    """Return float32 weights of a shape as `he_normal` or `{RandomNormal: {stddev: 0.1}}` describes them."""
    [(called, given)] = described.items() if isinstance(described, Mapping) else [(described, None)]
    name, args = SNAKE_CASE.get(called, called), dict(given or {})
    if name in _SCALED:
        return _scaled(shape, draws, *_SCALED[name])
    if name == "VarianceScaling":
        how = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal", **args}
        return _scaled(shape, draws, how["scale"], how["mode"], how["distribution"])
    if name in ("RandomNormal", "TruncatedNormal"):
        mean, deviation = args.get("mean", 0.0), args.get("stddev", 0.05)
        found = draws.standard_normal(shape) if name == "RandomNormal" else _truncated(shape, draws)
        values: Array = (mean + deviation * found).astype(np.float32)
        return values
    if name == "RandomUniform":
        return draws.uniform(args.get("minval", -0.05), args.get("maxval", 0.05), shape).astype(np.float32)
    return np.full(shape, {"Zeros": 0.0, "Ones": 1.0}.get(name, args.get("value", 0.0)), np.float32)


def _scaled(shape: tuple[int, ...], draws: Generator, scale: float, mode: str, distribution: str) -> Array:
    """Draw with variance scale / fan, the number of a value's inputs, of its outputs, or the mean of both."""
    places = prod(shape[:-2])  # of a kernel
    fans = {"fan_in": places * shape[-2], "fan_out": places * shape[-1]}
    fan = sum(fans.values()) / 2 if mode == "fan_avg" else fans[mode]
    deviation = sqrt(scale / max(1.0, fan))
    if distribution == "uniform":
        return draws.uniform(-sqrt(3) * deviation, sqrt(3) * deviation, shape).astype(np.float32)
    if distribution == "untruncated_normal":
        return (deviation * draws.standard_normal(shape)).astype(np.float32)
    return (deviation / TRUNCATED * _truncated(shape, draws)).astype(np.float32)


def _truncated(shape: tuple[int, ...], draws: Generator) -> Array:
    """Draw again what is beyond two deviations."""
    values = draws.standard_normal(shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = draws.standard_normal(int(beyond.sum()))
    return values

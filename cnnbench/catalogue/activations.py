"""Every activation of `objects.ACTIVATIONS` as a formula of x, with its derivative, as Keras' defaults have them.

`softmax`, `log_softmax` and `sparsemax` look at all values of a vector; here it has two, x and 0. The last is that of
Martins and Astudillo (2016, "From Softmax to Sparsemax", equation 2); Keras 3.15 takes the sum of cumulated sums for
that of the values, and makes 0.5 of all x from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Formula(NamedTuple):
    """A function of x and its derivative, in words of Python's `math`, with `sigmoid`."""

    value: str
    derivative: str


_ELU = Formula("x if x > 0 else exp(x) - 1", "1 if x > 0 else exp(x)")
_HARD_SILU = Formula("x * min(max(x / 6 + 0.5, 0), 1)", "x / 3 + 0.5 if abs(x) < 3 else 1 if x > 0 else 0")
_LINE = Formula("min(max((x + 1) / 2, 0), 1)", "0.5 if abs(x) < 1 else 0")
_LOG = Formula("-log(1 + exp(-x))", "1 - sigmoid(x)")
_SIGMOID = Formula("1 / (1 + exp(-x))", "sigmoid(x) * (1 - sigmoid(x))")
_SILU = Formula("x * sigmoid(x)", "sigmoid(x) * (1 + x * (1 - sigmoid(x)))")

FORMULAS: Mapping[str, Formula] = {
    "celu": _ELU,
    "elu": _ELU,
    "exponential": Formula("exp(x)", "exp(x)"),
    "gelu": Formula(
        "x * (1 + erf(x / sqrt(2))) / 2",
        "(1 + erf(x / sqrt(2))) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)",
    ),
    "hard_shrink": Formula("x if abs(x) > 0.5 else 0", "1 if abs(x) > 0.5 else 0"),
    "hard_sigmoid": Formula("min(max(x / 6 + 0.5, 0), 1)", "1 / 6 if abs(x) < 3 else 0"),
    "hard_silu": _HARD_SILU,
    "hard_swish": _HARD_SILU,
    "hard_tanh": Formula("min(max(x, -1), 1)", "1 if abs(x) < 1 else 0"),
    "leaky_relu": Formula("x if x > 0 else 0.2 * x", "1 if x > 0 else 0.2"),
    "linear": Formula("x", "1"),
    "log_sigmoid": _LOG,
    "log_softmax": Formula("x - log(exp(x) + exp(0))", "1 - sigmoid(x)"),
    "mish": Formula(
        "x * tanh(log(1 + exp(x)))",
        "tanh(log(1 + exp(x))) + x * sigmoid(x) * (1 - tanh(log(1 + exp(x)))**2)",
    ),
    "relu": Formula("max(x, 0)", "1 if x > 0 else 0"),
    "relu6": Formula("min(max(x, 0), 6)", "1 if 0 < x < 6 else 0"),
    "selu": Formula(
        "1.0507 * (x if x > 0 else 1.67326 * (exp(x) - 1))",
        "1.0507 * (1 if x > 0 else 1.67326 * exp(x))",
    ),
    "sigmoid": _SIGMOID,
    "silu": _SILU,
    "soft_shrink": Formula("x - 0.5 if x > 0.5 else x + 0.5 if x < -0.5 else 0", "1 if abs(x) > 0.5 else 0"),
    "softmax": Formula("exp(x) / (exp(x) + exp(0))", "sigmoid(x) * (1 - sigmoid(x))"),
    "softplus": Formula("log(1 + exp(x))", "sigmoid(x)"),
    "softsign": Formula("x / (1 + abs(x))", "1 / (1 + abs(x))**2"),
    "sparse_plus": Formula(
        "(x + 1)**2 / 4 if abs(x) < 1 else max(x, 0)", "(x + 1) / 2 if abs(x) < 1 else 1 if x > 0 else 0"
    ),
    "sparse_sigmoid": _LINE,
    "sparsemax": _LINE,
    "squareplus": Formula("(x + sqrt(x**2 + 4)) / 2", "(1 + x / sqrt(x**2 + 4)) / 2"),
    "swish": _SILU,
    "tanh": Formula("tanh(x)", "1 - tanh(x)**2"),
    "tanh_shrink": Formula("x - tanh(x)", "tanh(x)**2"),
}

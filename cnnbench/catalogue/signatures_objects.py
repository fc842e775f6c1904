"""What layers take by name: activations, initializers, regularizers and constraints, with their arguments.

A plain name takes Keras' defaults (`kernel_initializer: he_normal`); a mapping with one key, the name, gives
arguments (`kernel_regularizer: {L2: {l2: 0.0005}}`). Keras' class names and its snake_case names are both known.
Seeds cannot be given: they derive from the experiment's seed.
"""

from __future__ import annotations

from typing import Any

from cnnbench.catalogue.arguments import Argument, Table, choice, either, integer, listing, number, or_null
from cnnbench.catalogue.values import Fragment

_SCALE = {"stddev": Argument(number(0)), "mean": Argument(number())}
_STRENGTH = Argument(number(0))
_AXES = Argument(either(integer(0, 3), listing(integer(0, 3), 1, 3)))

# glu is left out because it halves the channels, threshold because it has no defaults.
ACTIVATIONS: Table = {
    "celu": {},
    "elu": {},
    "exponential": {},
    "gelu": {},
    "hard_shrink": {},
    "hard_sigmoid": {},
    "hard_silu": {},
    "hard_swish": {},
    "hard_tanh": {},
    "leaky_relu": {},
    "linear": {},
    "log_sigmoid": {},
    "log_softmax": {},
    "mish": {},
    "relu": {},
    "relu6": {},
    "selu": {},
    "sigmoid": {},
    "silu": {},
    "soft_shrink": {},
    "softmax": {},
    "softplus": {},
    "softsign": {},
    "sparse_plus": {},
    "sparse_sigmoid": {},
    "sparsemax": {},
    "squareplus": {},
    "swish": {},
    "tanh": {},
    "tanh_shrink": {},
}

INITIALIZERS: Table = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": Argument(number())},
    "RandomNormal": _SCALE,
    "TruncatedNormal": _SCALE,
    "RandomUniform": {"minval": Argument(number()), "maxval": Argument(number())},
    "VarianceScaling": {
        "scale": Argument(number(above=0)),
        "mode": Argument(choice("fan_in", "fan_out", "fan_avg")),
        "distribution": Argument(choice("truncated_normal", "untruncated_normal", "uniform")),
    },
    "GlorotNormal": {},
    "GlorotUniform": {},
    "HeNormal": {},
    "HeUniform": {},
    "LecunNormal": {},
    "LecunUniform": {},
    "Orthogonal": {"gain": Argument(number())},
}

REGULARIZERS: Table = {
    "L1": {"l1": _STRENGTH},
    "L2": {"l2": _STRENGTH},
    "L1L2": {"l1": _STRENGTH, "l2": _STRENGTH},
    "OrthogonalRegularizer": {"factor": _STRENGTH, "mode": Argument(choice("rows", "columns"))},
}

CONSTRAINTS: Table = {
    "MaxNorm": {"max_value": Argument(number(above=0)), "axis": _AXES},
    "MinMaxNorm": {
        "min_value": Argument(number(0)),
        "max_value": Argument(number(above=0)),
        "rate": Argument(number(0, 1)),
        "axis": _AXES,
    },
    "NonNeg": {},
    "UnitNorm": {"axis": _AXES},
}

SNAKE_CASE = {
    "zeros": "Zeros",
    "ones": "Ones",
    "constant": "Constant",
    "random_normal": "RandomNormal",
    "truncated_normal": "TruncatedNormal",
    "random_uniform": "RandomUniform",
    "variance_scaling": "VarianceScaling",
    "glorot_normal": "GlorotNormal",
    "glorot_uniform": "GlorotUniform",
    "he_normal": "HeNormal",
    "he_uniform": "HeUniform",
    "lecun_normal": "LecunNormal",
    "lecun_uniform": "LecunUniform",
    "orthogonal": "Orthogonal",
    "l1": "L1",
    "l2": "L2",
    "l1_l2": "L1L2",
    "orthogonal_regularizer": "OrthogonalRegularizer",
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
}

INITIALIZER: Fragment = {"$ref": "#/$defs/initializer"}
REGULARIZER: Fragment = {"$ref": "#/$defs/regularizer"}
CONSTRAINT: Fragment = {"$ref": "#/$defs/constraint"}
ACTIVATION: Fragment = {**choice(*ACTIVATIONS), "expected": "the name of a Keras activation"}


def weight(name: str, needs: tuple[str, Any] | None = None) -> dict[str, Argument]:
    """Return the three arguments that every weight of a layer has: initializer, regularizer, constraint."""
    return {
        f"{name}_initializer": Argument(INITIALIZER, needs=needs),
        f"{name}_regularizer": Argument(or_null(REGULARIZER), needs=needs),
        f"{name}_constraint": Argument(or_null(CONSTRAINT), needs=needs),
    }

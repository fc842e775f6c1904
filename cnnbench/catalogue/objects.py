"""What layers and training take from Keras by name, with a line for each; a plain name takes Keras' defaults.

Keras' class names (`HeNormal`) and its snake_case names (`he_normal`) are both known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

OPTIMIZERS: Mapping[str, str] = {
    "SGD": "steps down the gradient, with momentum if wanted",
    "RMSprop": "steps divided by a moving root mean square of the gradient",
    "Adam": "RMSprop with momentum and bias correction",
    "AdamW": "Adam with weight decay apart from the gradient",
    "Adamax": "Adam by the largest gradient instead of the root mean square",
    "Nadam": "Adam with Nesterov's momentum",
    "Lamb": "Adam with a step per layer, for large batches",
    "ScheduleFreeAdamW": "AdamW that averages instead of following a schedule",
    "Lion": "the sign of a momentum: less memory than Adam, smaller rates",
    "Adagrad": "steps divided by the root of all squared gradients so far",
    "Adadelta": "Adagrad with a moving window and a step by its own size",
    "Adafactor": "Adam with a fraction of its memory",
    "Ftrl": "follows the regularised leader, for sparse weights",
    "Muon": "momentum made orthogonal for matrices, Adam for the rest",
    "ConvMuon": "Muon for kernels of convolutions, whose norm it keeps, Adam for the rest",
}

INITIALIZERS: Mapping[str, str] = {
    "Zeros": "all 0",
    "Ones": "all 1",
    "Constant": "all one value",
    "RandomNormal": "normal with a given deviation",
    "TruncatedNormal": "normal within two deviations",
    "RandomUniform": "even between two values",
    "VarianceScaling": "a variance by the number of inputs or outputs",
    "GlorotNormal": "normal, variance by inputs and outputs",
    "GlorotUniform": "even, variance by inputs and outputs; Keras' default",
    "HeNormal": "normal, variance by inputs, for relu",
    "HeUniform": "even, variance by inputs, for relu",
    "LecunNormal": "normal, variance by inputs, for selu",
    "LecunUniform": "even, variance by inputs, for selu",
    "Orthogonal": "an orthogonal matrix",
}

REGULARIZERS: Mapping[str, str] = {
    "L1": "a penalty on the size of the weights",
    "L2": "a penalty on their squares",
    "L1L2": "both",
    "OrthogonalRegularizer": "a penalty on rows or columns that are alike",
}

CONSTRAINTS: Mapping[str, str] = {
    "MaxNorm": "weights no longer than a length",
    "MinMaxNorm": "weights between two lengths",
    "NonNeg": "weights not below zero",
    "UnitNorm": "weights of length one",
}

# glu is left out because it halves the channels, threshold because it has no defaults.
ACTIVATIONS: Mapping[str, str] = {
    "celu": "elu with a slope that has no jump",
    "elu": "negative values bend towards -1",
    "exponential": "the exponential function",
    "gelu": "values weighted by how likely a normal variable is smaller",
    "hard_shrink": "small values become zero",
    "hard_sigmoid": "sigmoid made of straight lines",
    "hard_silu": "silu made of straight lines and a parabola",
    "hard_swish": "another name of hard_silu",
    "hard_tanh": "values cut off at -1 and 1",
    "leaky_relu": "negative values are made small",
    "linear": "nothing is changed",
    "log_sigmoid": "the logarithm of sigmoid",
    "log_softmax": "the logarithm of softmax",
    "mish": "values times the tanh of their softplus",
    "relu": "negative values become zero",
    "relu6": "relu cut off at 6",
    "selu": "a scaled elu that keeps mean and variance",
    "sigmoid": "values pressed between 0 and 1",
    "silu": "values times their sigmoid",
    "soft_shrink": "values moved towards zero, small ones to zero",
    "softmax": "values become shares that sum to one",
    "softplus": "a smooth relu",
    "softsign": "values divided by one plus their size",
    "sparse_plus": "a relu with a parabola around zero",
    "sparse_sigmoid": "a straight line between 0 and 1",
    "sparsemax": "shares that sum to one, many of them zero; Keras 3.15 gets some wrong, which sum to less",
    "squareplus": "a smooth relu made of a square root",
    "swish": "another name of silu",
    "tanh": "values pressed between -1 and 1",
    "tanh_shrink": "values less their tanh",
}

SNAKE_CASE: Mapping[str, str] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in (*INITIALIZERS, *REGULARIZERS, *CONSTRAINTS)
}

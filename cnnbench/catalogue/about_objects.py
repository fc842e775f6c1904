"""A line for each optimizer, initializer, regularizer, constraint and plain choice."""

from __future__ import annotations

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

NORMALIZATIONS: Mapping[str, str] = {
    "none": "pixels 0..255 as they are",
    "unit": "pixels divided by 255",
    "standardize": "by mean and deviation of the training images",
    "imagenet": "by mean and deviation of ImageNet",
}

PRECISIONS: Mapping[str, str] = {
    "float32": "single precision",
    "mixed_bfloat16": "bfloat16, with weights in float32",
    "mixed_float16": "float16, with weights in float32",
    "auto": "bfloat16 where this machine is faster with it",
}

BACKENDS: Mapping[str, str] = {
    "tensorflow": "the default",
    "jax": "needs the package jax",
    "torch": "needs the package torch",
}

SPLITS: Mapping[str, str] = {
    "test": "read once, after training",
    "validation": "held out of the training images",
    "train": "what is trained on",
}

SINKS: Mapping[str, str] = {
    "tensorboard": "event files in the run folder",
    "mlflow": "a tracking server or a database beside the runs",
}

"""A line for each plain choice."""

from __future__ import annotations

from collections.abc import Mapping

NORMALIZATIONS: Mapping[str, str] = {
    "none": "pixels 0..255 as they are",
    "unit": "pixels divided by 255",
    "standardize": "by mean and deviation of the training images",
    "imagenet": "by mean and deviation of ImageNet",
    "pretrained": "as model.weights were trained, with which it is the default",
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
    "numpy": "a network in plain NumPy, without Keras; to be read",
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

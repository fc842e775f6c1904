"""A trained network in one `.npz`: its layers and normalisation as text, its weights and statistics as arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cnnbench.config.network.check import network_mistakes
from cnnbench.config.network.spec import network_of
from cnnbench.config.plain_network import layers_beyond_numpy
from cnnbench.config.schema import Model
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.checked import NUMBER, WHOLE, mistake
from cnnbench.files.npz import read_arrays
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.network import Network

NETWORK = "network"  # the text beside the arrays
KEYS = ("layers", "blocks", "parameters")  # of `model` in a configuration
_WANTED = {"input_shape": (WHOLE, WHOLE, WHOLE), "classes": WHOLE, "scale": [NUMBER], "offset": [NUMBER], "model": {}}


def save(path: Path, network: Network, model: Model) -> None:
    """Write a network that `model` describes, whole or not at all where `path` is a part of a file to be."""
    told = {
        "model": {key: getattr(model, key) for key in KEYS},
        "input_shape": list(network.input_shape),
        "classes": network.classes,
        "scale": list(network.normalization.scale),
        "offset": list(network.normalization.offset),
    }
    np.savez(path, allow_pickle=False, **{NETWORK: np.array(json.dumps(told))}, **network.state)


def load(path: Path) -> Network:
    """Read a network back; nothing in the file is executed. Raises DataError where it is not one."""
    if not path.exists():
        raise DataError(f"{path}: no such file; the run has no trained model (yet)")
    arrays = read_arrays(path, what="network")
    network = _built(path, _told(path, arrays.pop(NETWORK, None)))
    for name, value in network.state.items():
        found = arrays.get(name)
        if found is None or found.shape != value.shape or found.dtype.kind != "f":
            raise DataError(f"{path}: {name}: expected numbers of shape {value.shape}")
    network.put(arrays)
    return network


def _told(path: Path, text: Any) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(str(text))
    except (ValueError, RecursionError):
        raise DataError(f"{path}: not a network that can be loaded (it does not tell its layers)") from None
    wrong = mistake(told, _WANTED)
    if wrong is not None:
        raise DataError(f"{path}: {wrong}")
    if len(told["scale"]) != told["input_shape"][2] or len(told["offset"]) != told["input_shape"][2]:
        raise DataError(f"{path}: scale and offset are not those of {told['input_shape'][2]} channels")
    return told


def _built(path: Path, told: dict[str, Any]) -> Network:
    """Build what the text describes, checked as a configuration is: somebody else may have written it."""
    layers, blocks, parameters = (told["model"].get(key) for key in KEYS)
    shape, classes = tuple(told["input_shape"]), told["classes"]
    mistakes = list(network_mistakes(layers, blocks, parameters, {}, shape, classes))
    if mistakes:
        raise DataError(*(f"{path}: {line}" for line in mistakes))
    try:
        nodes = network_of(Model(layers=layers, blocks=blocks, parameters=parameters))
        if beyond := [message for _, message in layers_beyond_numpy(nodes)]:
            raise ConfigError(*beyond)
        scaling = Normalization(tuple(told["scale"]), tuple(told["offset"]))
        return build(nodes, shape, classes, scaling, seed=0)
    except ConfigError as e:
        raise DataError(*(f"{path}: {line}" for line in e.problems)) from None

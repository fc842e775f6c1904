"""`.keras`, `.weights.h5` and `.h5`: networks and weights that Keras saved. Their layers are never rebuilt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.network.naming import INPUT, NORMALIZATION
from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.model.archive import WEIGHTS, description
from cnnbench.model.weights.readers import hdf5
from cnnbench.model.weights.stored import Stored

Arrays = dict[str, NDArray[np.float32]]


def read_archive(path: Path) -> Stored:
    """Return the weights of a `.keras` archive in the order in which it lists its layers; raises DataError."""
    try:
        described = layers_of(description(path))
        with zipfile.ZipFile(path) as archive:
            content = io.BytesIO(archive.read(WEIGHTS))
    except DataError:
        raise
    except (*BROKEN, AttributeError) as e:  # what is in it is taken for what it should be
        raise DataError(f"{path}: not a .keras archive that can be read ({first_line(e)})") from None
    with hdf5.opened(path, content) as file:
        found = _by_layer(path, file)
    arrays = {f"{layer}/{n}": array for layer in described for n, array in found.pop(layer, {}).items()}
    if left := next((layer for layer, held in found.items() if held), None):
        raise DataError(f"{path}: holds weights of {left}, which is none of the layers it describes")
    if not _is_ours(described):
        return Stored(path, arrays, "keras")
    return Stored(path, arrays, "keras", ours=True, normalization=constants(path, described[NORMALIZATION]))


def read_hdf5(path: Path) -> Stored:
    """Return the weights of a `.weights.h5` file, or of an `.h5` file as older versions wrote it; raises DataError."""
    with hdf5.opened(path) as file:
        if "layer_names" in file.attrs or "model_weights" in file:
            return Stored(path, hdf5.layers_of_keras_2(path, file), "keras")
        found = _by_layer(path, file)
    arrays = {f"{layer}/{n}": array for layer, held in found.items() for n, array in held.items()}
    return Stored(path, arrays, "keras", ordered=False, ours=_is_ours(found))


def _is_ours(layers: Mapping[str, Any]) -> bool:
    return {INPUT, NORMALIZATION} <= set(layers)


def layers_of(description: Any) -> dict[str, Mapping[str, Any]]:
    """Return the arguments of every layer that an archive describes by its name, in its order.

    Of two of a name, as a network within the network may have one, the first stands.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name, config in _described(description["config"]["layers"]):
        found.setdefault(name, config)
    return found


def _described(layers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the arguments of every layer, those of networks within the network in their place."""
    for layer in layers:
        config = layer["config"]
        if "layers" in config:
            yield from _described(config["layers"])
        else:
            yield str(config["name"]), config


def _by_layer(path: Path, file: Any) -> dict[str, Arrays]:
    """Return the arrays of each layer by its name, which Keras notes beside them since 3.4, else by its group's."""
    import h5py

    found: dict[str, Arrays] = {}

    def visit(place: str, item: Any) -> None:
        if isinstance(item, h5py.Group) and place.rpartition("/")[2] == hdf5.VARIABLES and not _is_of_optimizer(place):
            name = str(item.attrs.get("name") or place.rpartition("/")[0].rpartition("/")[2])
            found[name if name not in found else place] = hdf5.variables(path, item)

    file.visititems(visit)
    return found


def _is_of_optimizer(place: str) -> bool:
    return place.partition("/")[0] == "optimizer"


def constants(path: Path, config: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Return scale and offset per channel of the layer that normalises pixels."""
    try:
        return [float(v) for v in config["scale"]], [float(v) for v in config["offset"]]
    except BROKEN as e:
        raise DataError(f"{path}: its layer {NORMALIZATION} cannot be read ({first_line(e)})") from None

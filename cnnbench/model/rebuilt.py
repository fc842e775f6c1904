"""The network of a run folder, built again from its configuration; its file is asked for nothing but arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.config.network.naming import INPUT, NORMALIZATION
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError, DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.machine.runtime import import_tensorflow
from cnnbench.model.archive import own_description
from cnnbench.model.builder import build
from cnnbench.model.policy import built_in
from cnnbench.model.weights.readers.keras_file import constants, layers_of


def rebuilt(path: Path, config: Config) -> Any:
    """Return the network that `config` describes with the weights in the `.keras` archive at `path`.

    What the archive says of its layers is not built; it is asked for the shape of the images, the number of classes and
    the constants of the normalisation. Raises DataError where it is damaged or holds another network.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file; the run has no trained model (yet)")
    import_tensorflow()
    try:
        described = layers_of(own_description(path))
        shape, classes, normalization = _images(path, described)
    except DataError:
        raise
    except (*BROKEN, AttributeError) as e:  # what is in it is taken for what it should be
        raise DataError(f"{path}: not a model that can be loaded ({first_line(e)})") from None
    try:
        with built_in(config.train.precision):
            name = config.model.name or config.name
            model = build(network_of(config.model), shape, classes, normalization, config.seed, name)
    except ConfigError as e:
        raise DataError(f"{path}: not the network of its run ({e.problems[0]})") from None
    _take_weights(model, path)
    return model


def _images(path: Path, described: Mapping[str, Any]) -> tuple[tuple[int, int, int], int, Normalization]:
    """Return height, width and channels of images, the number of classes, and how pixels are scaled."""
    _, height, width, channels = described[INPUT]["batch_shape"]
    units = [config.get("units", config.get("filters")) for config in described.values()]
    *_, classes = [number for number in units if number is not None]
    shape = (height, width, channels)
    if not all(type(number) is int and number > 0 for number in (*shape, classes)):
        raise ValueError(f"images of {shape}, {classes} classes")
    scale, offset = constants(path, described[NORMALIZATION])
    if len(scale) != channels or len(offset) != channels:
        raise ValueError(f"{len(scale)} constants for {channels} channels")
    return shape, classes, Normalization(tuple(scale), tuple(offset))


def _take_weights(model: Any, path: Path) -> None:
    try:
        model.load_weights(path)  # by the places of layers in the network, whatever the archive says they are
    except BROKEN:  # its arrays are whole: they were looked at before
        raise DataError(f"{path}: not the weights of the network in its run's config.yaml") from None

"""The network of a run as it is exported: built from its configuration in float32, whoever trained it on what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.network import naming
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError, DataError, first_line
from cnnbench.learners.learner import Trained
from cnnbench.learners.numpy.network import Network
from cnnbench.model.builder import build
from cnnbench.model.policy import built_in

if TYPE_CHECKING:
    import keras

Ask = Callable[[NDArray[np.float32]], NDArray[np.float32]]  # images (n, H, W, C), 0..255 -> probabilities (n, classes)


@dataclass(frozen=True)
class Exportable:
    """What a writer takes: the Keras network, or the fitted pipeline of an estimator, and what goes with it.

    `calibration` gives training images, (n, H, W, C) float32, for a format that rounds numbers.
    """

    model: Any
    input_shape: tuple[int, int, int]
    class_names: Sequence[str]
    config: Config
    normalization: Normalization | None = None
    calibration: Callable[[], NDArray[np.float32]] | None = None

    @property
    def signature(self) -> list[Any]:
        """What TensorFlow's exporters are told of the input: any number of images."""
        import tensorflow as tf

        return [tf.TensorSpec((None, *self.input_shape), tf.float32, name=naming.INPUT)]


def exportable(trained: Trained, config: Config, class_names: Sequence[str], path: Path) -> Exportable:
    """Return what is exported of a trained run whose model is at `path`.

    A network is built anew, in float32, from the configuration, and takes the trained weights as arrays. Raises
    DataError where they are not those of the configuration's network.
    """
    if config.model.estimator is not None:
        return Exportable(trained.model, trained.input_shape, class_names, config)
    normalization = _normalization(trained.model)
    model = _built(trained, config, normalization, len(class_names))
    try:
        _give(trained.model, model)
    except (ValueError, KeyError) as e:
        raise DataError(f"{path}: not the network of config.yaml beside it ({first_line(e)})") from None
    return Exportable(model, trained.input_shape, class_names, config, normalization)


def _built(trained: Trained, config: Config, normalization: Normalization, classes: int) -> keras.Model:
    name = config.model.name or config.name
    try:
        with built_in("float32"):
            return build(network_of(config.model), trained.input_shape, classes, normalization, config.seed, name)
    except ConfigError as e:
        raise DataError(*e.problems) from None


def _normalization(model: Any) -> Normalization:
    if isinstance(model, Network):
        return model.normalization
    layer = model.get_layer(naming.NORMALIZATION)
    scale, offset = (tuple(np.ravel(np.asarray(v, np.float64)).tolist()) for v in (layer.scale, layer.offset))
    return Normalization(scale, offset)


def _give(trained: Any, model: Any) -> None:
    """Put the weights of the trained network, Keras' or NumPy's, into the one that is exported."""
    if isinstance(trained, Network):
        for name, value in trained.state.items():
            layer, _, weight = name.partition("/")
            {v.name: v for v in model.get_layer(layer).weights}[weight].assign(value)
    else:
        model.set_weights([np.asarray(value, np.float32) for value in trained.get_weights()])

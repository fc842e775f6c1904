"""A trained Keras network, cut where its maps, its scores and its features are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np

from cnnbench.config.network.naming import NORMALIZATION
from cnnbench.data.types import Images, Split
from cnnbench.explain.gradients.choose import value_and_gradient
from cnnbench.explain.subjects.subject import Floats, LayerMaps, baseline_of, shuffled_values
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.model.dropout import KINDS as DROPOUTS
from cnnbench.model.dropout import maps_of
from cnnbench.seeds import Stream, generator
from cnnbench.training.dead_units import dead_units

UNCHANGED = (keras.layers.InputLayer, keras.layers.Flatten, keras.layers.Reshape, *DROPOUTS)  # the values stay


class KerasSubject:
    """See `Subject` and `Network`."""

    def __init__(self, trained: TrainedNetwork) -> None:
        self._trained, self._model = trained, trained.model
        self.network = self

    @property
    def baseline(self) -> Floats:
        """The pixel that the network's first layer makes 0; black where it has none that normalises."""
        channels = self._trained.input_shape[2]
        first = next((layer for layer in self._model.layers if layer.name == NORMALIZATION), None)
        zero = np.zeros(channels, np.float32) if first is None else baseline_of(*_constants(first, channels))
        return np.broadcast_to(zero, channels)

    def predict(self, images: Images) -> Floats:
        """Return class probabilities, (n, classes)."""
        return self._trained.predict_images(images)

    def features(self, images: Images) -> Floats:
        """Return what goes into the last layer with weights, maps averaged over their places, (n, features)."""
        return self._features.predict_images(images)

    @cached_property
    def _features(self) -> TrainedNetwork:
        last = [layer for layer in self._model.layers if layer.weights][-1]
        seen = last.input
        if len(seen.shape) > 2:
            seen = keras.ops.mean(seen, axis=tuple(range(1, len(seen.shape) - 1)))
        return TrainedNetwork(keras.Model(self._model.input, seen))

    @property
    def maps_layer(self) -> str | None:
        """The last layer with maps as large as the last convolution's, through which all goes."""
        return self._cut[0].name if self._cut else None

    @cached_property
    def _cut(self) -> tuple[Any, Any, Any] | None:
        """The layer of the maps, and the network before and behind it."""
        score = _score(self._model)
        for layer in _with_maps(self._model):
            try:
                return layer, keras.Model(self._model.input, layer.output), keras.Model(layer.output, score)
            except ValueError:  # a path leads past it
                continue
        return None

    def maps_and_gradients(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return the maps, (n, h, w, c), and the gradients of the class's score; see `Network`."""
        assert self._cut is not None
        _, before, behind = self._cut
        maps = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(before(images, training=False), "float32")))
        _, gradients = value_and_gradient(lambda x: behind(x, training=False)[:, label], maps)
        return maps, gradients

    def chance_and_gradient(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return probabilities, (n,), and their gradients; see `Network`."""
        return value_and_gradient(lambda x: self._model(x, training=False)[:, label], images)

    def layers(self, image: Floats) -> Sequence[LayerMaps]:
        """Return what comes out of every layer that changes values."""
        wanted = [one for one in self._model.layers if not isinstance(one, UNCHANGED) and one.name != NORMALIZATION]
        through = keras.Model(self._model.input, {layer.name: layer.output for layer in wanted})
        found = through.predict_on_batch(image[None])
        return [LayerMaps(layer.name, type(layer).__name__, maps_of(found[layer.name])) for layer in wanted]

    def filters(self) -> tuple[str, Floats] | None:
        """Return name and kernel of the first convolution."""
        kernels = ((layer.name, _kernel(layer)) for layer in self._model.layers)
        return next(((name, kernel) for name, kernel in kernels if kernel is not None), None)

    def dead_units(self, split: Split) -> Mapping[str, float]:
        """Return shares of dead units; layers inside a network of keras.applications are not looked at."""
        return dead_units(self._model, split)

    @contextmanager
    def shuffled(self, seed: int) -> Iterator[None]:
        """Have the weights change places; the parts of the network cut out share them."""
        kept = self._model.get_weights()
        self._model.set_weights(shuffled_values(kept, generator(Stream.EXPLAINED, seed, 1)))
        try:
            yield
        finally:
            self._model.set_weights(kept)


def _constants(layer: Any, channels: int) -> tuple[list[float], list[float]]:
    scale, offset = (np.broadcast_to(value, channels).tolist() for value in (layer.scale, layer.offset))
    return scale, offset


def _kernel(layer: Any) -> Floats | None:
    found = (weight for weight in layer.weights if len(weight.shape) == 4)
    kernel = next(found, None)
    return None if kernel is None else np.asarray(keras.ops.convert_to_numpy(kernel), np.float32)


def _score(model: Any) -> Any:
    """Return what goes into a softmax that is a layer of its own, else what comes out of the network."""
    last = model.layers[-1]
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    alone = isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and activation == "softmax"
    )
    return last.input if alone else model.output


def _with_maps(model: Any) -> list[Any]:
    """Return the layers with maps of more than one place, the last first, those as large as a convolution's in front.

    A pooling behind the last convolution makes its maps coarser without seeing more; what follows at their size, such
    as normalisation, relu and the sum of a residual block, belongs to them.
    """
    layers = [layer for layer in model.layers if _places(layer) > 1 and layer.name != NORMALIZATION]
    layers = [layer for layer in layers if not isinstance(layer, UNCHANGED)]
    convolutions = [layer for layer in layers if _kernel(layer) is not None]
    if not convolutions:
        return []
    size = convolutions[-1].output.shape[1:3]
    backwards = layers[::-1]
    return sorted(backwards, key=lambda layer: layer.output.shape[1:3] != size)


def _places(layer: Any) -> int:
    shape = getattr(getattr(layer, "output", None), "shape", ())
    return int(np.prod(shape[1:3])) if len(shape) == 4 else 0

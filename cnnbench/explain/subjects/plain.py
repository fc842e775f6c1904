"""A trained network in plain NumPy: its own way back gives the gradients.

Layers are those of the network's main line; a residual block or parallel branches are one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnbench.config.watching import WATCHED
from cnnbench.data.chunks import spread
from cnnbench.data.types import Images, Split
from cnnbench.explain.subjects.subject import Floats, LayerMaps, baseline_of, shuffled_values
from cnnbench.learners.numpy.activations import ReLU, Sigmoid, Softmax, Tanh
from cnnbench.learners.numpy.convolution import Convolution
from cnnbench.learners.numpy.dense import Dropout, Flatten
from cnnbench.learners.numpy.layer import Array, Layer
from cnnbench.learners.numpy.trained import PlainTrained
from cnnbench.seeds import Stream, generator

UNCHANGED = (Dropout, Flatten)
ACTIVATIONS = (ReLU, Tanh, Sigmoid, Softmax)


@dataclass(frozen=True)
class Step:
    """A layer of the main line with the activation behind it, if any."""

    name: str
    layers: Sequence[Layer]

    @property
    def kind(self) -> str:
        """What the layer is."""
        return type(self.layers[0]).__name__

    @property
    def weighted(self) -> bool:
        """Whether it has weights of its own."""
        return any(layer.weights for layer in self.layers)


class PlainSubject:
    """See `Subject` and `Network`."""

    def __init__(self, trained: PlainTrained) -> None:
        self._trained, self._model = trained, trained.model
        self.network = self
        constants = trained.model.normalization
        self._scale = np.array(constants.scale, np.float32)
        self._offset = np.array(constants.offset, np.float32)

    @property
    def baseline(self) -> Floats:
        """The pixel that the normalisation makes 0."""
        constants = self._model.normalization
        return baseline_of(constants.scale, constants.offset)

    def predict(self, images: Images) -> Floats:
        """Return class probabilities, (n, classes)."""
        return self._trained.predict_images(images)

    def features(self, images: Images) -> Floats:
        """Return what goes into the last layer with weights, maps averaged over their places, (n, features)."""
        last = max(at for at, step in enumerate(self._steps) if step.weighted)
        at_once = self._trained.at_once
        some = (images[start : start + at_once] for start in range(0, len(images), at_once))
        return np.concatenate([_flat(self._forward(few.astype(np.float32), self._steps[:last])) for few in some])

    @cached_property
    def _steps(self) -> Sequence[Step]:
        names = {id(layer): name for name, layer in self._model.layers.items()}
        steps: list[Step] = []
        for layer in self._model.chain.layers:
            if id(layer) in names:
                steps.append(Step(names[id(layer)], [layer]))
            elif steps and isinstance(layer, ACTIVATIONS):
                steps[-1] = Step(steps[-1].name, [*steps[-1].layers, layer])
            else:
                steps.append(Step(f"block_{len(steps) + 1}", [layer]))
        return steps

    def _forward(self, images: Floats, steps: Sequence[Step]) -> Array:
        x: Array = images * self._scale + self._offset
        return _through([layer for step in steps for layer in step.layers], x)

    @property
    def maps_layer(self) -> str | None:
        """The last layer with maps as large as the last convolution's."""
        return None if self._last_maps is None else self._steps[self._last_maps].name

    @cached_property
    def _last_maps(self) -> int | None:
        x: Array = np.zeros((1, *self._model.input_shape), np.float32)
        shapes = []
        for step in self._steps:
            x = _through(step.layers, x)
            shapes.append(x.shape)
        changed = [not isinstance(step.layers[0], UNCHANGED) for step in self._steps]
        maps = [at for at, shape in enumerate(shapes) if changed[at] and len(shape) == 4 and shape[1] * shape[2] > 1]
        convolved = [at for at in maps if self._steps[at].kind in (Convolution.__name__, "Branches")]
        if not convolved:
            return None
        return max(at for at in maps if shapes[at][1:3] == shapes[convolved[-1]][1:3])

    def maps_and_gradients(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return the maps, (n, h, w, c), and the gradients of the class's score; see `Network`."""
        assert self._last_maps is not None
        maps = self._forward(images, self._steps[: self._last_maps + 1])
        behind = [layer for step in self._steps[self._last_maps + 1 :] for layer in step.layers]
        if behind and isinstance(behind[-1], Softmax):
            behind = behind[:-1]
        return _floats(maps), _floats(_back(behind, _one_hot(_through(behind, maps), label)))

    def chance_and_gradient(self, images: Floats, label: int) -> tuple[Floats, Floats]:
        """Return probabilities, (n,), and their gradients; see `Network`."""
        probabilities = self._model(images)
        gradient = self._model.chain.backward(_one_hot(probabilities, label), wanted=True)
        return _floats(probabilities[:, label]), _floats(gradient * self._scale)

    def layers(self, image: Floats) -> Sequence[LayerMaps]:
        """Return what comes out of every layer that changes values."""
        found, x = [], self._forward(image[None], [])
        for step in self._steps:
            x = _through(step.layers, x)
            if not isinstance(step.layers[0], UNCHANGED):
                found.append(LayerMaps(step.name, step.kind, _floats(x[0].reshape((1,) * (4 - x.ndim) + x.shape[1:]))))
        return found

    def filters(self) -> tuple[str, Floats] | None:
        """Return name and kernel of the first convolution."""
        kernels = ((name, layer) for name, layer in self._model.layers.items() if isinstance(layer, Convolution))
        return next(((name, _floats(layer.weights["kernel"])) for name, layer in kernels), None)

    def dead_units(self, split: Split) -> Mapping[str, float]:
        """Return shares of dead units, of layers of the main line."""
        images = split.images(spread(len(split), WATCHED)).astype(np.float32)
        shares, x = {}, self._forward(images, [])
        for step in self._steps:
            x = _through(step.layers, x)
            if isinstance(step.layers[-1], ReLU) and not step.layers[-1].function(np.array([-1.0]))[0]:
                shares[step.name] = 1 - float((x > 0).any(axis=tuple(range(x.ndim - 1))).mean())
        return shares

    @contextmanager
    def shuffled(self, seed: int) -> Iterator[None]:
        """Have the weights change places."""
        kept = dict(self._model.state)
        moved = shuffled_values(list(kept.values()), generator(Stream.EXPLAINED, seed, 1))
        self._model.put(dict(zip(kept, moved, strict=True)))
        try:
            yield
        finally:
            self._model.put(kept)


def _through(layers: Sequence[Layer], x: Array) -> Array:
    for layer in layers:
        x = layer.forward(x, training=False)
    return x


def _back(layers: Sequence[Layer], gradient: Array) -> Array:
    for layer in reversed(layers):
        gradient = layer.backward(gradient)
    return gradient


def _one_hot(like: Array, label: int) -> Array:
    """Return ∂(Σ_n y[n, label])/∂y."""
    gradient = np.zeros_like(like)
    gradient[:, label] = 1
    return gradient


def _flat(x: Array) -> Floats:
    return _floats(x.mean(axis=tuple(range(1, x.ndim - 1))) if x.ndim > 2 else x)


def _floats(x: Array) -> Floats:
    return np.asarray(x, np.float32)

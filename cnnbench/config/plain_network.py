"""What `train.backend: numpy` can do, and every key, layer and argument of a configuration that it cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cnnbench.catalogue.objects import INITIALIZERS, SNAKE_CASE
from cnnbench.catalogue.signatures import in_full
from cnnbench.catalogue.values import KeyPath, Violation, found
from cnnbench.config.network.nodes import Auxiliary, Branches, Layer, Node, Residual
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError

OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adam")
LOSSES = ("categorical_crossentropy", "binary_crossentropy", "mean_squared_error")
ACTIVATIONS = ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "softmax")
PRECISIONS = ("float32", "auto")
_DRAWN = tuple(name for name in INITIALIZERS if name != "Orthogonal")

# Each layer, with the only values that some of its arguments may have.
_AS_IT_IS: Mapping[str, Collection[Any]] = {
    **{f"{what}_regularizer": (None,) for what in ("kernel", "bias", "activity", "beta", "gamma")},
    **{f"{what}_constraint": (None,) for what in ("kernel", "bias", "beta", "gamma")},
    **{"trainable": (True,), "dilation_rate": (1, [1, 1]), "renorm": (False,), "threshold": (0, 0.0)},
}
_CHANNELS_LAST: Mapping[str, Collection[Any]] = {"axis": (-1,)}
LAYERS: Mapping[str, Mapping[str, Collection[Any]]] = {
    **dict.fromkeys(("Conv2D", "Dense", "classifier"), _AS_IT_IS),
    "BatchNormalization": {**_AS_IT_IS, **_CHANNELS_LAST},
    "Softmax": _CHANNELS_LAST,
    **dict.fromkeys(("ReLU", "LeakyReLU", "Activation", "Dropout", "Flatten", "ZeroPadding2D"), _AS_IT_IS),
    **{f"{how}Pooling2D": {} for how in ("Max", "Average", "GlobalMax", "GlobalAverage")},
}
_TRAIN = ("unfreeze", "learning_rate_factors", "dense_sparse_dense", "ema", "distribute")
_OPTIMIZER = ("loss_scale_factor", "gradient_accumulation_steps")


def beyond_numpy(config: Config) -> Iterator[Violation]:
    """Yield what a network in plain NumPy cannot do; nothing of layers that are wrong themselves."""
    yield from _training(config)
    if config.model.layers is not None:
        with suppress(ConfigError):
            yield from layers_beyond_numpy(network_of(config.model))


def _training(config: Config) -> Iterator[Violation]:
    train = config.train
    if config.augment:
        yield ("augment",), "numpy has no augmentation; augment=[] leaves it out"
    for key in ("weights", "freeze"):
        if getattr(config.model, key) is not None:
            yield ("model", key), f"numpy has no {key}: it draws all weights and trains them"
    for key in _TRAIN:
        if getattr(train, key) is not None:
            yield ("train", key), f"numpy has no {key}"
    if train.watch_dead_units:
        yield ("train", "watch_dead_units"), "numpy has no watch_dead_units"
    yield from _one_of(("train", "precision"), train.precision, PRECISIONS)
    yield from _one_of(("train", "loss", "name"), train.loss.name, LOSSES)
    yield from _one_of(("train", "optimizer", "name"), train.optimizer.name, OPTIMIZERS)
    for key in _OPTIMIZER:
        if train.optimizer.arguments.get(key) is not None:
            yield ("train", "optimizer", key), f"numpy has no {key}"


def layers_beyond_numpy(nodes: Sequence[Node]) -> Iterator[Violation]:
    """Yield the layers that a network in plain NumPy does not have, and the arguments that its layers do not know."""
    for node in nodes:
        if isinstance(node, Auxiliary):
            yield ("model", "layers"), "numpy has no auxiliary heads"
        elif isinstance(node, Branches):
            for path in node.paths:
                yield from layers_beyond_numpy(path)
        elif isinstance(node, Residual):
            inside = [*node.layers, *node.shortcut, *([node.activation] if node.activation else [])]
            yield from layers_beyond_numpy(inside)
        else:
            yield from _layer(node)


def _layer(layer: Layer) -> Iterator[Violation]:
    if layer.kind not in LAYERS:
        yield ("model", "layers"), f"{layer.name}: numpy has no {layer.kind}; it has {', '.join(sorted(LAYERS))}"
        return
    kind, given = ("Dense", {"units": 1, **layer.args}) if layer.kind == "classifier" else (layer.kind, layer.args)
    allowed = LAYERS[layer.kind]
    for name, value in in_full(kind, given).items():
        if name in allowed and value not in allowed[name]:
            yield ("model", "layers"), f"{layer.name}: numpy has no {name} of {found(value)}"
        elif name == "activation" and value is not None:
            yield from _named(layer.name, name, value, ACTIVATIONS)
        elif name.endswith("_initializer"):
            called = next(iter(value)) if isinstance(value, Mapping) else value
            yield from _named(layer.name, name, SNAKE_CASE.get(called, called), _DRAWN)


def _named(layer: str, argument: str, value: Any, allowed: Sequence[str]) -> Iterator[Violation]:
    for path, message in _one_of(("model", "layers"), value, allowed):
        yield path, f"{layer}.{argument}: {message}"


def _one_of(path: KeyPath, value: Any, allowed: Sequence[str]) -> Iterator[Violation]:
    if value not in allowed:
        yield path, f"numpy has no {value}; it has {', '.join(allowed)}"

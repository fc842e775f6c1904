"""What follows from an architecture alone: depth, parameters, size. No Keras is started for it."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.sources import Shape
from cnnbench.config.architecture import load_architecture
from cnnbench.config.load import load_config
from cnnbench.config.network.depth import depth_of
from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.network.weights import weights_of
from cnnbench.config.schema import Config
from cnnbench.config.static import static_classes, static_shape
from cnnbench.errors import ConfigError
from cnnbench.model.inspection import named, stand_in
from cnnbench.studies.sections import Row

BYTES = 4  # of a number in float32
KEPT = ("moving_mean", "moving_variance")  # weights that batches move and no gradient


def counts_of_network(row: Row) -> Mapping[str, float]:
    """Return the counts of the architecture that a row names; raises ConfigError."""
    assert row.network is not None
    architecture = load_architecture(named(row.network))
    shape: Shape | None = (row.input[0], row.input[1], row.input[2]) if row.input else architecture.input
    classes = row.classes or architecture.classes
    if shape is None or classes is None:
        raise ConfigError(f"{row.network}: does not say its input and classes; the row has to (input, classes)")
    return _counts(load_config(stand_in(row.network, shape, classes)), shape, classes)


def counts_of_config(config: Config) -> Mapping[str, float]:
    """Return the counts of what a configuration trains, nothing where only its data could tell."""
    shape, classes = static_shape(config.data), static_classes(config.data)
    if config.model.layers is None or shape is None or classes is None:
        return {}
    return _counts(config, shape, classes)


def _counts(config: Config, shape: Shape, classes: int) -> Mapping[str, float]:
    nodes = network_of(config.model)
    layers = infer(nodes, shape, classes)
    frozen = set(frozen_layers(nodes, config.model.freeze)) if config.model.freeze is not None else set()
    total = sum(layer.parameters for layer in layers)
    still = sum(layer.parameters if layer.name in frozen else _kept(layer) for layer in layers)
    return {
        "depth": depth_of(nodes),
        "parameters.total": total,
        "parameters.trainable": total - still,
        "parameters.non_trainable": still,
        "macs": sum(layer.macs for layer in layers),
        "megabytes": BYTES * total / 1e6,
        "mebibytes": BYTES * total / 2**20,
        **{f"layer.{layer.name}.parameters": layer.parameters for layer in layers},
    }


def _kept(layer: LayerShape) -> int:
    """Return how many of a layer's numbers are moving statistics, each a vector."""
    if layer.kind != "BatchNormalization":
        return 0
    weights = weights_of(layer.kind, layer.args, layer.inputs[0])
    return sum(weights[name][0] for name in KEPT if name in weights)

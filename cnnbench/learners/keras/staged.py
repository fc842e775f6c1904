"""What is told of the stages of a network's training before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.network.nodes import walk
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import WITHOUT_END, Config
from cnnbench.model.freezing import freeze
from cnnbench.training.pruning import kernels_of, pruned
from cnnbench.training.stages import Stage, in_short, stages_of


def told(model: Any, config: Config) -> list[Mapping[str, Any]]:
    """Return what `stages.json` holds of each stage, [] where all layers learn all the time.

    The model is left as the first stage has it.
    """
    stages = stages_of(config)
    if len(stages) == 1 and not stages[0].frozen:
        return []
    names = [layer.name for layer in walk(network_of(config.model))]
    rows = [_row(model, stage, names) for stage in stages]
    freeze(model, stages[0].frozen)
    return rows


def _row(model: Any, stage: Stage, names: Sequence[str]) -> Mapping[str, Any]:
    freeze(model, stage.frozen)
    frozen = [layer for layer in model.layers if layer.name in stage.frozen and layer.weights]
    row = {
        "name": stage.name,
        "first_epoch": stage.first,
        **({"last_epoch": stage.last} if stage.last < WITHOUT_END else {}),
        "learning_rate": stage.rate,
        "frozen_layers": len(frozen),
        "frozen_normalizations": sum(isinstance(layer, keras.layers.BatchNormalization) for layer in frozen),
        "frozen": in_short(stage.frozen, names),
        "trainable_parameters": sum(prod(variable.shape) for variable in model.trainable_variables),
    }
    return row if stage.sparsity is None else {**row, "sparsity": dict(_sparsity(model, stage.sparsity))}


def _sparsity(model: Any, wanted: float) -> Iterator[tuple[str, float]]:
    """Yield each layer that is pruned with the share of its kernels' weights that is zero."""
    kernels = kernels_of(model)
    for name in dict.fromkeys(layer for layer, _ in kernels):
        sizes = [prod(variable.shape) for layer, variable in kernels if layer == name]
        yield name, sum(pruned(size, wanted) for size in sizes) / sum(sizes)

"""What a training begins with: weights from elsewhere, if any, and the normalisation that goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.normalize import Normalization, measure
from cnnbench.learners.learner import Task
from cnnbench.model.weights.load import Loaded, load
from cnnbench.model.weights.mapping import Values
from cnnbench.model.weights.skew import settled


@dataclass(frozen=True)
class First:
    """The configuration with what was chosen, the network's first layer, and weights with what is told of them."""

    config: Config
    normalization: Normalization
    facts: Mapping[str, Any] | None = None
    values: Values | None = None


def first_weights(task: Task) -> First:
    """Return what the task's training begins with; raises DataError and ConfigError where weights do not suit it.

    A run that goes on after an epoch has its weights in the checkpoint: the file need not be there any more.
    """
    config, dataset = task.config, task.dataset
    if config.model.weights is None:
        return First(config, measure(config.data.normalize, dataset.train))
    if task.weights is not None:
        told = task.weights["normalization"]
        return First(config, Normalization(tuple(told["scale"]), tuple(told["offset"])), task.weights)
    task.show("reading weights")
    loaded = load(
        config.model,
        network_of(config.model),
        dataset.input_shape,
        dataset.class_names,
        as_they_are=config.train.epochs == 0,
        offline=task.offline,
    )
    normalization, agrees = settled(config, loaded, lambda: measure(config.data.normalize, dataset.train))
    scaling = {"scale": list(normalization.scale), "offset": list(normalization.offset)}
    facts = {**loaded.facts, "normalization": scaling, "agrees": agrees}
    return First(_as_chosen(config, loaded), normalization, facts, loaded.values)


def _as_chosen(config: Config, loaded: Loaded) -> Config:
    """Say which of the published files it was, so that the run's configuration takes the same one again."""
    if loaded.published is None:
        return config
    return config.model_copy(update={"model": config.model.model_copy(update={"published": [loaded.published]})})

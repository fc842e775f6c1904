"""When features of a frozen base are computed once and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.catalogue.augmentations import MIXING
from cnnbench.catalogue.values import Violation
from cnnbench.config.calls import call_of
from cnnbench.config.network.fixed import fixed_part
from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.nodes import Node
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config


def is_cached(config: Config) -> bool:
    """Return whether a configuration asks for features, or leaves it open and nothing is against it."""
    return config.train.cache_features is not False and not any(against(config))


def features_end(config: Config) -> Sequence[Node]:
    """Return the first part of the network, which images go through once; empty where they do so in every epoch."""
    if not is_cached(config):
        return []
    nodes = network_of(config.model)
    return fixed_part(nodes, frozen_layers(nodes, config.model.freeze or ()))


def against(config: Config) -> Iterator[str]:
    """Yield what makes a base give something else in another epoch."""
    train = config.train
    if config.model.freeze is None:
        yield "nothing is frozen (model.freeze)"
    if train.unfreeze_steps:
        yield "train.unfreeze lets the base learn"
    if config.augment and train.augment_draws is None:
        yield "every epoch augments the images anew; train.augment_draws: 5 keeps five versions of each"
    if train.distribute is not None:
        yield "train.distribute shares out images"


def caching_mistakes(config: Config) -> Iterator[Violation]:
    """Yield where cached features are asked for and cannot be, and draws without a use."""
    train, reasons = config.train, list(against(config))
    if train.cache_features is True and reasons and config.model.freeze is not None:
        yield ("train", "cache_features"), f"the base has to be asked in every epoch: {reasons[0]}"
    if train.augment_draws is None:
        return
    if not config.augment:
        yield ("train", "augment_draws"), "has no effect: nothing is augmented (augment)"
    elif train.cache_features is False:
        yield ("train", "augment_draws"), "has no effect without train.cache_features"
    elif reasons and train.cache_features == "auto":
        yield ("train", "augment_draws"), f"has no effect: {reasons[0]}"
    for i, entry in enumerate(config.augment):
        if (name := call_of(entry)[0]) in MIXING:
            yield ("augment", i), f"{name} mixes labels, which features that are kept (train.augment_draws) do not have"

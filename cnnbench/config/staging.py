"""When a training begins a stage of its own: layers that learn from then on, weights that are pruned; and mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise

from cnnbench.catalogue.values import KeyPath, Violation, found
from cnnbench.config.network.freezing import frozen_layers, matched
from cnnbench.config.network.head import has_weights
from cnnbench.config.network.nodes import Node, walk
from cnnbench.config.network.spec import network_of
from cnnbench.config.schedules import CosineDecay
from cnnbench.config.schema import Config, Train, Unfreeze
from cnnbench.errors import ConfigError, did_you_mean

LISTED = 8  # names of layers in a message


def own_rates(train: Train) -> Mapping[int, float]:
    """Return the learning rates that a training begins to use, by how many epochs end before."""
    rates = {step.after_epochs: step.learning_rate for step in train.unfreeze_steps if step.learning_rate is not None}
    if (dsd := train.dense_sparse_dense) is not None:
        rates[dsd.dense_epochs + dsd.sparse_epochs] = dsd.final_learning_rate
    return {0: train.optimizer.arguments["learning_rate"], **rates}


def length_mistakes(train: Train) -> Iterator[Violation]:
    """Yield the stages that do not fit `train.epochs`, and what does not fit into them."""
    if train.budget_minutes is not None:
        return  # there are no stages
    last = 0
    for path, step in _steps(train):
        if step.after_epochs >= train.epochs:
            message = f"expected less than train.epochs ({train.epochs}), found {step.after_epochs}"
            yield (*path, "after_epochs"), message
        elif step.after_epochs <= last:
            yield (*path, "after_epochs"), f"expected more than {last}, the step before; found {step.after_epochs}"
        last = step.after_epochs
    if (dsd := train.dense_sparse_dense) is not None and dsd.dense_epochs + dsd.sparse_epochs >= train.epochs:
        needed = f"leave none of {train.epochs} epochs (train.epochs) for the last dense phase"
        message = f"dense_epochs and sparse_epochs, {dsd.dense_epochs} and {dsd.sparse_epochs}, {needed}"
        yield ("train", "dense_sparse_dense"), message
    yield from _warmup(train)


def _warmup(train: Train) -> Iterator[Violation]:
    """Yield a warm-up longer than what one of the learning rates is used for."""
    if not isinstance(schedule := train.schedule, CosineDecay) or schedule.warmup_epochs > train.epochs:
        return
    begins = [*own_rates(train), train.epochs]
    shortest = min((b - a for a, b in pairwise(begins)), default=train.epochs)
    if 0 < shortest < schedule.warmup_epochs:
        message = f"expected at most {shortest}, the epochs of the shortest stage with a learning rate of its own"
        yield ("train", "schedule", "warmup_epochs"), f"{message}; found {found(schedule.warmup_epochs)}"


def _steps(train: Train) -> list[tuple[KeyPath, Unfreeze]]:
    """Return each step of `train.unfreeze` with where it stands."""
    if isinstance(train.unfreeze, Unfreeze):
        return [(("train", "unfreeze"), train.unfreeze)]
    return [(("train", "unfreeze", i), step) for i, step in enumerate(train.unfreeze or [])]


def freezing_mistakes(config: Config) -> Iterator[Violation]:
    """Yield what is frozen, freed or slowed down to no effect; nothing of a network that is wrong itself."""
    model, train = config.model, config.train
    if train.unfreeze is not None and model.freeze is None:
        yield ("train", "unfreeze"), "has no effect without model.freeze"
    if train.dense_sparse_dense is not None and model.freeze is not None:
        yield ("train", "dense_sparse_dense"), "cannot be given together with model.freeze: it prunes all layers"
    if model.layers is None or (model.freeze is None and train.learning_rate_factors is None):
        return
    with suppress(ConfigError):
        nodes = network_of(model)
        yield from _mistakes(config, nodes)


def _mistakes(config: Config, nodes: Sequence[Node]) -> Iterator[Violation]:
    freeze, names = config.model.freeze, [layer.name for layer in walk(nodes)]
    weighted = [layer.name for layer in walk(nodes) if has_weights(layer)]
    factors = list(config.train.learning_rate_factors or ())
    yield from _unmatched({("train", "learning_rate_factors", factor): factor for factor in factors}, weighted)
    if freeze is None:
        return
    if freeze != "base":
        unmatched = list(_unmatched({("model", "freeze", i): pattern for i, pattern in enumerate(freeze)}, names))
        yield from unmatched
        if unmatched:
            return
    frozen = [name for name in frozen_layers(nodes, freeze) if name in weighted]
    if len(frozen) == len(weighted):
        yield ("model", "freeze"), "freezes every layer that has weights; nothing is left to be trained"
    elif not frozen:
        what = "before its head" if freeze == "base" else "among these"
        yield ("model", "freeze"), f"has no effect: the network has no layer with weights {what}"
    else:
        yield from _never_freed(config, frozen, names, weighted)


def _never_freed(
    config: Config, frozen: Sequence[str], names: Sequence[str], weighted: Sequence[str]
) -> Iterator[Violation]:
    """Yield patterns of `train.unfreeze` without a frozen layer, and factors of layers that never learn."""
    still = list(frozen)
    for path, step in _steps(config.train):
        patterns: dict[KeyPath, str] = {(*path, "layers", i): pattern for i, pattern in enumerate(step.layers)}
        yield from _unmatched(patterns, names)
        for key, pattern in patterns.items():
            if matched([pattern], names) and not matched([pattern], still):
                yield key, f"has no effect: no layer with weights that {found(pattern)} matches is frozen then"
        still = [name for name in still if name not in matched(step.layers, still)]
    for pattern in config.train.learning_rate_factors or ():
        slowed = matched([pattern], weighted)
        if slowed and set(slowed) <= set(still):
            yield ("train", "learning_rate_factors", pattern), "has no effect: its layers stay frozen"


def _unmatched(patterns: Mapping[KeyPath, str], names: Sequence[str]) -> Iterator[Violation]:
    for path, pattern in patterns.items():
        if not matched([pattern], names):
            hint = did_you_mean(pattern, names) or f"; there are {_some(names)}"
            yield path, f"{found(pattern)} matches no layer{hint}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")

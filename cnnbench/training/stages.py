"""The stages of a training: which epochs, what stays as it is in them, and at which learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnnbench.config.network.freezing import frozen_layers
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config, Train
from cnnbench.config.staging import own_rates


@dataclass(frozen=True)
class Stage:
    """Epochs `first` to `last`, counted from 1, of one training.

    `frozen` are the layers that stay as they are. The schedule of `rate` began after `since` epochs and runs over
    `scheduled` of them: over all stages up to the next one with a rate of its own. `sparsity` is the share of each
    kernel that is pruned when the stage begins and held at zero in it.
    """

    name: str
    first: int
    last: int
    frozen: tuple[str, ...]
    rate: float
    since: int
    scheduled: int
    sparsity: float | None = None


def whole(train: Train) -> Stage:
    """Return all epochs as one stage in which everything learns."""
    rate = train.optimizer.arguments["learning_rate"]
    return Stage("training", 1, train.most_epochs, (), rate, 0, train.most_epochs)


def stages_of(config: Config) -> list[Stage]:
    """Return the stages of a checked configuration in order; without freezing or pruning there is one."""
    train = config.train
    rates, begins = own_rates(train), list(_begins(config))
    ends = [after for _, after, _, _ in begins[1:]] + [train.most_epochs]
    stages = []
    for (name, after, frozen, sparsity), last in zip(begins, ends, strict=True):
        since = max(begin for begin in rates if begin <= after)
        until = min((begin for begin in rates if begin > after), default=train.most_epochs)
        stages.append(Stage(name, after + 1, last, frozen, rates[since], since, until - since, sparsity))
    return stages


def stage_at(stages: Sequence[Stage], epoch: int) -> Stage:
    """Return the stage that an epoch, counted from 1, is part of; of later epochs the last one."""
    return next((stage for stage in stages if epoch <= stage.last), stages[-1])


Begin = tuple[str, int, tuple[str, ...], float | None]  # its name, epochs before it, frozen layers, sparsity


def _begins(config: Config) -> Iterator[Begin]:
    freeze, dsd = config.model.freeze, config.train.dense_sparse_dense
    if dsd is not None:
        yield "dense", 0, (), None
        yield "sparse", dsd.dense_epochs, (), dsd.sparsity
        yield "dense again", dsd.dense_epochs + dsd.sparse_epochs, (), None
    elif freeze is not None:
        nodes, freed = network_of(config.model), list[str]()
        yield "frozen", 0, frozen_layers(nodes, freeze), None
        for step in config.train.unfreeze_steps:
            freed += step.layers
            yield "unfrozen", step.after_epochs, frozen_layers(nodes, freeze, freed), None
    else:
        yield "training", 0, (), None


def in_short(names: Sequence[str], all_names: Sequence[str]) -> list[str]:
    """Return names with each unbroken row of the network's order as `first to last`."""
    places = sorted(all_names.index(name) for name in names)
    cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(places)) if b != a + 1), len(places)]
    rows = [places[a:b] for a, b in pairwise(cuts) if a < b]
    return [" to ".join(dict.fromkeys((all_names[row[0]], all_names[row[-1]]))) for row in rows]

"""What only the data tells of a training, checked before it begins: schedule, validation split, top-k."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cnnbench.catalogue.values import Violation, dotted, found
from cnnbench.config.checks import monitors_without_validation
from cnnbench.config.schema import Config, Evaluation, Train
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError

# Numbers that an optimizer keeps beside each weight, at least.
_KEPT = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "Lamb", "Adadelta", "Ftrl"), 2),
    **dict.fromkeys(("RMSprop", "Lion", "Adagrad", "ScheduleFreeAdamW"), 1),
}


def refuse_training(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError, a line per mistake, where the `train` section does not suit the splits that were read."""
    steps = -(-len(dataset.train) // config.train.batch_size)
    wrong = [
        *_validation(config.train, dataset),
        *_lengths(config.train, steps),
        *_top_k(config.evaluation, len(dataset.class_names)),
    ]
    if wrong:
        raise ConfigError(*(f"{dotted(path)}: {message}" for path, message in wrong))


def copies_of_weights(train: Train) -> int:
    """Return how many numbers a training keeps for each weight at least: itself, its gradient, the optimizer's."""
    return 2 + _KEPT.get(train.optimizer.name, 0)


def _validation(train: Train, dataset: Dataset) -> Iterator[Violation]:
    if dataset.validation is not None:
        return
    why = "needs validation data; the data has none, and data.validation is 0"
    yield from monitors_without_validation(train, why)


def _top_k(evaluation: Evaluation, classes: int) -> Iterator[Violation]:
    """Yield each k that every answer is among; the default, which a run writes down, is left out in silence."""
    if evaluation.top_k == Evaluation().top_k:
        return
    for i, k in enumerate(evaluation.top_k):
        if k >= classes:
            message = f"expected less than the number of classes ({classes}), found {k}"
            yield ("evaluation", "top_k", i), message


def _lengths(train: Train, steps: int) -> Iterator[Violation]:
    """Yield the lengths of the schedule that are no step of this data."""
    if train.schedule is None:
        return
    for key, value in train.schedule.lengths.items():
        lengths = value if isinstance(value, list) else [value]
        rounded = [round(length * steps) for length in lengths]
        of = f"an epoch has {steps} step{'s' if steps > 1 else ''} here"
        if 0 in rounded:
            yield ("train", "schedule", key), f"{found(value)} is less than a step; {of}"
        elif any(a >= b for a, b in pairwise(rounded)):
            yield ("train", "schedule", key), f"{found(value)} are no different steps; {of}"

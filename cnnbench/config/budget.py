"""What goes with `train.budget_minutes`, a training of so many minutes in place of epochs, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

from cnnbench.catalogue.values import Violation
from cnnbench.config.schedules import CosineDecay
from cnnbench.config.schema import Train

NO_EPOCHS = "counts epochs, and with train.budget_minutes there are as many as fit"


def budget_mistakes(train: Train) -> Iterator[Violation]:
    """Yield what counts epochs, or ends a training itself, where minutes are its budget; and two warm-ups at once."""
    schedule = train.schedule
    if isinstance(schedule, CosineDecay) and schedule.warmup_epochs and schedule.warmup_fraction:
        yield ("train", "schedule", "warmup_fraction"), "cannot be given together with warmup_epochs"
    if train.budget_minutes is None:
        return
    for key in ("unfreeze", "dense_sparse_dense"):
        if getattr(train, key) is not None:
            yield ("train", key), NO_EPOCHS
    if train.max_minutes is not None:
        yield ("train", "max_minutes"), "cannot be given together with train.budget_minutes, which ends the training"
    if isinstance(schedule, CosineDecay) and schedule.warmup_epochs:
        yield ("train", "schedule", "warmup_epochs"), f"{NO_EPOCHS}; warmup_fraction is a share of the time"
    elif schedule is not None and schedule.lengths:
        names = "CosineDecay, OneCycle and PolynomialDecay"
        yield ("train", "schedule", "name"), f"{schedule.name} {NO_EPOCHS}; {names} are drawn over the time"

"""Test-time flips: what a model says of an image averaged with what it says of the mirror image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.stores import MirroredStore
from cnnbench.data.types import Split
from cnnbench.evaluation.evaluate import Evaluated
from cnnbench.evaluation.measures import Scored, accuracy, log_loss
from cnnbench.evaluation.metrics import wilson_interval

FLIPPED = "test_time_flips"  # its key in metrics.json


def with_flips(found: Evaluated, predict: Callable[[Split], NDArray[np.floating[Any]]]) -> Evaluated:
    """Return what was found of a split with what the mean over both sides of each image gives, apart from the rest.

    `predict` gives class probabilities (n, classes) of a split; where a learner has none, all stays as it is.
    """
    if found.probabilities is None:
        return found
    mirrored = predict(replace(found.split, store=MirroredStore(found.split.store))).astype(np.float64)
    scored = Scored(found.labels, (found.probabilities + mirrored) / 2, bins=1)
    interval = wilson_interval(scored.correct, scored.images)
    measured = {"accuracy": accuracy(scored), "accuracy_interval": list(interval), "log_loss": log_loss(scored)}
    return replace(found, metrics={**found.metrics, FLIPPED: measured})

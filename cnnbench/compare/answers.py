"""What several runs predicted for every test image together, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnnbench.runs.predictions import Predictions


def majority(answers: Sequence[Predictions]) -> Predictions:
    """Return what most of several runs predict for each image, of equals the first class; one run is itself."""
    first = answers[0]
    if len(answers) == 1:
        return first
    votes = np.zeros((len(first.labels), len(first.class_names)), dtype=np.int64)
    for one in answers:
        votes[np.arange(len(votes)), one.predicted] += 1
    return replace(first, predicted=votes.argmax(axis=1), probabilities=votes / len(answers))


def disagreeing(answers: Sequence[Predictions]) -> NDArray[np.int64]:
    """Return the rows of the images for which not all predict the same class."""
    predicted = np.stack([one.predicted for one in answers])
    return np.flatnonzero((predicted != predicted[0]).any(axis=0))

"""The one reading of a split after training: predictions and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Evaluation
from cnnbench.data.types import Dataset, Labels, Split
from cnnbench.evaluation.compute import compute
from cnnbench.evaluation.metrics import predict


@dataclass(frozen=True)
class Evaluated:
    """Labels (n,), predicted classes (n,), probabilities (n, classes) and metrics of one split.

    There are no probabilities where the learner gives none.
    """

    split_name: str
    split: Split
    labels: Labels
    predicted: Labels
    probabilities: NDArray[np.float64] | None
    metrics: dict[str, Any]


def evaluate(
    probabilities: NDArray[np.floating[Any]],
    dataset: Dataset,
    split_name: str,
    wanted: Evaluation,
    gives_probabilities: bool = True,
) -> Evaluated:
    """Measure the probabilities (n, classes) of every image of a split ("train", "validation" or "test").

    Where the learner gives none, they are ones for the class that it predicts.
    """
    split: Split = getattr(dataset, split_name)
    chances = probabilities.astype(np.float64)
    found = compute(
        split.labels,
        chances,
        class_names=dataset.class_names,
        top_k=wanted.top_k,
        calibration_bins=wanted.calibration_bins,
        gives_probabilities=gives_probabilities,
    )
    given = chances if gives_probabilities else None
    return Evaluated(split_name, split, split.labels, predict(chances), given, {**found, "split": split_name})

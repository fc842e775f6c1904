"""The one reading of a split after training: predictions and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Evaluation
from cnnbench.data.types import Dataset, Labels, Split
from cnnbench.evaluation.compute import compute


@dataclass(frozen=True)
class Evaluated:
    """Labels (n,), probabilities (n, classes) and metrics of one split."""

    split_name: str
    split: Split
    labels: Labels
    probabilities: NDArray[np.float64]
    metrics: dict[str, Any]


def evaluate(
    probabilities: NDArray[np.floating[Any]], dataset: Dataset, split_name: str, wanted: Evaluation
) -> Evaluated:
    """Measure the probabilities (n, classes) of every image of a split ("train", "validation" or "test")."""
    split: Split = getattr(dataset, split_name)
    chances = probabilities.astype(np.float64)
    found = compute(
        split.labels,
        chances,
        class_names=dataset.class_names,
        top_k=wanted.top_k,
        calibration_bins=wanted.calibration_bins,
    )
    return Evaluated(split_name, split, split.labels, chances, {**found, "split": split_name})

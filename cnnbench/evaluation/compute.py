"""`metrics.json`: everything that is measured on the images of a split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cnnbench.catalogue.measures import COMPUTED
from cnnbench.errors import TrainingError
from cnnbench.evaluation import measures, metrics
from cnnbench.evaluation.measures import Scored
from cnnbench.evaluation.metrics import ClassScores, Floats, Ints


def compute(
    labels: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
    top_k: Sequence[int],
    calibration_bins: int,
    gives_probabilities: bool = True,
) -> dict[str, Any]:
    """Return the content of `metrics.json` as plain Python values.

    `labels` is (n,) int, `probabilities` (n, k) float with k = len(class_names); each of `top_k` below k is
    computed. Where these are none but ones for the class that is predicted, the measures of probabilities are left out
    by name. Raises TrainingError where a probability is not finite, ValueError where the arrays do not fit.
    """
    scored = Scored(*_checked(labels, probabilities, len(class_names)), bins=calibration_bins)
    per_class = _per_class(scored.scores, class_names)
    top = [k for k in sorted(set(top_k)) if k < scored.classes]
    left_out = (
        [] if gives_probabilities else [*(f"top_k.{k}" for k in top), *(r.key for r in COMPUTED if r.probabilistic)]
    )
    return {
        "split": "test",
        "images": scored.images,
        "classes": scored.classes,
        **{row.key: getattr(measures, row.key)(scored) for row in COMPUTED if row.key not in left_out},
        "accuracy_interval": list(metrics.wilson_interval(scored.correct, scored.images)),
        "top_k": {
            str(k): metrics.top_k_accuracy(scored.labels, scored.probabilities, k)
            for k in top
            if f"top_k.{k}" not in left_out
        },
        **metrics.averages(scored.scores, scored.correct),
        "per_class": per_class,
        "worst_class": metrics.worst_class(per_class),
        **({"without_probabilities": left_out} if left_out else {}),
    }


def _checked(labels: ArrayLike, probabilities: ArrayLike, classes: int) -> tuple[Ints, Floats]:
    truth, chances = np.asarray(labels, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if truth.ndim != 1 or len(truth) == 0 or chances.shape != (len(truth), classes):
        raise ValueError(f"labels {truth.shape}, probabilities {chances.shape}, {classes} classes do not fit")
    if truth.min() < 0 or truth.max() >= classes:
        raise ValueError(f"labels reach from {truth.min()} to {truth.max()}; allowed are 0 to {classes - 1}")
    broken = np.flatnonzero(~np.isfinite(chances).all(axis=1))
    if len(broken):
        raise TrainingError(f"the output is not finite for {len(broken)} images, first for image {broken[0]}")
    return truth, chances


def _per_class(scores: ClassScores, class_names: Sequence[str]) -> list[dict[str, Any]]:
    columns = zip(class_names, scores.precision, scores.recall, scores.f1, scores.support, strict=True)
    return [
        {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for name, p, r, f, n in columns
    ]

"""The one reading of a split after training: predictions, metrics and the images the report shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Evaluation
from cnnbench.data.pixels import as_pixels
from cnnbench.data.types import Dataset, Labels, Split
from cnnbench.evaluation import metrics
from cnnbench.evaluation.compute import compute
from cnnbench.evaluation.predict import predict_split
from cnnbench.files.whole import refuse_gone, whole_file, write_csv
from cnnbench.runs.folder import RunDir

RANDOM_SAMPLES = 16
MISTAKES = 12


@dataclass(frozen=True)
class Evaluated:
    """Labels (n,), probabilities (n, classes) and metrics of one split."""

    split_name: str
    split: Split
    labels: Labels
    probabilities: NDArray[np.float64]
    metrics: dict[str, Any]


def evaluate(model: Any, dataset: Dataset, split_name: str, wanted: Evaluation) -> Evaluated:
    """Predict every image of a split ("train", "validation" or "test") and measure the result."""
    split: Split = getattr(dataset, split_name)
    probabilities = predict_split(model, split).astype(np.float64)
    found = compute(
        split.labels,
        probabilities,
        class_names=dataset.class_names,
        top_k=wanted.top_k,
        calibration_bins=wanted.calibration_bins,
    )
    return Evaluated(split_name, split, split.labels, probabilities, {**found, "split": split_name})


def prediction_rows(evaluated: Evaluated, class_names: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of predictions.csv; probabilities with the nine digits that hold a float32."""
    predicted = metrics.predict(evaluated.probabilities)
    names = evaluated.split.names or [""] * len(evaluated.split)
    header = ["index", "name", "true", "predicted", *(f"p_{name}" for name in class_names)]
    rows = [
        [str(row), name, class_names[true], class_names[guess], *(format(float(p), ".9g") for p in probabilities)]
        for row, name, true, guess, probabilities in zip(
            evaluated.split.rows, names, evaluated.labels, predicted, evaluated.probabilities, strict=True
        )
    ]
    return header, rows


def write_evaluation(run: RunDir, evaluated: Evaluated, class_names: list[str], seed: int) -> None:
    """Write predictions.csv and samples.npz; metrics.json is written by who adds times to it."""
    refuse_gone(run.path)
    write_csv(run.predictions, *prediction_rows(evaluated, class_names))
    random = metrics.random_sample(len(evaluated.split), RANDOM_SAMPLES, seed)
    mistakes = metrics.confident_mistakes(evaluated.labels, evaluated.probabilities, MISTAKES)
    rows = np.concatenate([random, mistakes]).astype(np.int64)
    with whole_file(run.samples) as part:
        np.savez_compressed(
            part,
            images=as_pixels(evaluated.split.images(rows)),
            rows=rows,
            kind=np.array(["random"] * len(random) + ["mistake"] * len(mistakes)),
        )

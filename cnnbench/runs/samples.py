"""`samples.npz`: images of a split that the report shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pixels import as_pixels
from cnnbench.errors import DataError
from cnnbench.evaluation import metrics
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import whole_file

if TYPE_CHECKING:
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.runs.predictions import Predictions

RANDOM_SAMPLES = 16
MISTAKES = 12


@dataclass(frozen=True)
class Samples:
    """Images to show: (m, H, W, C) uint8, their (m,) rows in the predictions, and (m,) kinds."""

    images: NDArray[np.uint8]
    rows: NDArray[np.int64]
    kinds: NDArray[np.str_]

    def of_kind(self, kind: str) -> list[tuple[int, NDArray[np.uint8]]]:
        """Return (row, image) of the samples of one kind, "random" or "mistake"."""
        wanted = np.flatnonzero(self.kinds == kind)
        return [(int(self.rows[i]), self.images[i]) for i in wanted]


def write_samples(path: Path, evaluated: Evaluated, seed: int) -> None:
    """Keep some images drawn by `seed` and the most confident mistakes; raises OutputError."""
    random = metrics.random_sample(len(evaluated.split), RANDOM_SAMPLES, seed)
    mistakes = _mistakes(evaluated)
    rows = np.concatenate([random, mistakes]).astype(np.int64)
    kinds = np.array(["random"] * len(random) + ["mistake"] * len(mistakes))
    with whole_file(path) as part:
        np.savez_compressed(part, images=as_pixels(evaluated.split.images(rows)), rows=rows, kind=kinds)


def _mistakes(evaluated: Evaluated) -> NDArray[np.int64]:
    """Return rows of wrong predictions, the most confident first; as they come where none is said to be so."""
    if evaluated.probabilities is None:
        return np.flatnonzero(evaluated.predicted != evaluated.labels)[:MISTAKES]
    return metrics.confident_mistakes(evaluated.labels, evaluated.probabilities, MISTAKES)


def read_samples(path: Path, predictions: Predictions | None) -> Samples | None:
    """Read the file, None where it or the predictions are not there; raises DataError where it does not fit them."""
    if predictions is None or not path.exists():
        return None
    images, rows, kinds = read_arrays(path, ("images", "rows", "kind")).values()
    ok = are_pictures(images, 4) and rows.dtype.kind in "iu" and kinds.dtype.kind == "U"
    ok = ok and rows.ndim == kinds.ndim == 1 and len(images) == len(rows) == len(kinds)
    if not ok or (len(rows) and not 0 <= rows.min() <= rows.max() < len(predictions.labels)):
        raise DataError(f"{path}: does not fit predictions.csv beside it")
    return Samples(images, rows, kinds)


def are_pictures(images: NDArray[Any], dimensions: int) -> bool:
    """Return whether an array holds images with pixel values 0..255, channels last."""
    return images.ndim == dimensions and images.dtype == np.uint8 and images.shape[-1] in (1, 3) and images.size > 0

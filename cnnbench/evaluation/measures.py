"""One function per measure of a classifier on labelled images, by the keys of `cnnbench.catalogue.measures`.

Where scikit-learn has the measure, the definition is scikit-learn's with `labels=range(k)` and `zero_division=0`: a
class nobody predicted has precision 0, a class without images has recall 0, and both count in the macro average. None
stands for a value that these images leave undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cnnbench.evaluation import metrics
from cnnbench.evaluation.metrics import ClassScores, Floats, Ints


@dataclass(frozen=True)
class Scored:
    """Labelled images and what a classifier says of them.

    `labels` are class indices of shape (n,), `probabilities` has shape (n, k); calibration is measured in `bins` bins.
    """

    labels: Ints
    probabilities: Floats
    bins: int

    @property
    def images(self) -> int:
        """How many images there are, n."""
        return len(self.labels)

    @property
    def classes(self) -> int:
        """How many classes there are, k."""
        return int(self.probabilities.shape[1])

    @cached_property
    def predicted(self) -> Ints:
        """The most probable class of each image, shape (n,)."""
        return metrics.predict(self.probabilities)

    @cached_property
    def matrix(self) -> Ints:
        """The confusion matrix, shape (k, k)."""
        return metrics.confusion_matrix(self.labels, self.predicted, self.classes)

    @cached_property
    def scores(self) -> ClassScores:
        """Precision, recall, F1 and support of every class."""
        return metrics.class_scores(self.matrix)

    @property
    def correct(self) -> int:
        """How many images are classified right."""
        return int(np.trace(self.matrix))


def accuracy(scored: Scored) -> float:
    """Return the share of images classified right."""
    return scored.correct / scored.images


def log_loss(scored: Scored) -> float:
    """Return the mean negative natural logarithm of the true class' probability, in nats.

    Probabilities are clipped to [eps, 1 - eps] with eps = 2**-52, as scikit-learn does in double precision.
    """
    eps = np.finfo(np.float64).eps
    of_truth: NDArray[np.float64] = scored.probabilities[np.arange(scored.images), scored.labels]
    return float(-np.log(np.clip(of_truth, eps, 1 - eps)).mean())


def calibration_error(scored: Scored) -> float:
    """Return |accuracy - confidence| of the bins, averaged over images (Guo et al. 2017, equation 3)."""
    found = metrics.reliability(scored.labels, scored.probabilities, scored.bins)
    return float(np.abs(found.accuracy - found.confidence) @ found.images / scored.images)

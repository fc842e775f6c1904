"""One function per measure of a classifier on labelled images, by the keys of `cnnbench.catalogue.measures`.

Where scikit-learn has the measure, the definition is scikit-learn's with `labels=range(k)` and `zero_division=0`: a
class nobody predicted has precision 0, a class without images has recall 0, and both count in the macro average. None
stands for a value that these images leave undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnbench.evaluation import curves, metrics
from cnnbench.evaluation.curves import Counts
from cnnbench.evaluation.metrics import ClassScores, Floats, Ints
from cnnbench.numbers import mean


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
    """Return the mean negative natural logarithm of the true class' probability, in nats; see `metrics.losses`."""
    return float(metrics.losses(scored.labels, scored.probabilities).mean())


def calibration_error(scored: Scored) -> float:
    """Return |accuracy - confidence| of the bins, averaged over images (Guo et al. 2017, equation 3)."""
    found = metrics.reliability(scored.labels, scored.probabilities, scored.bins)
    return float(np.abs(found.accuracy - found.confidence) @ found.images / scored.images)


def balanced_accuracy(scored: Scored) -> float:
    """Return the mean recall of the classes that have images (Brodersen et al. 2010, section 2)."""
    return float(scored.scores.recall[scored.scores.support > 0].mean())


def matthews_correlation(scored: Scored) -> float:
    """Return the correlation of true and predicted classes, -1 to 1; 0 where either is all one class.

    Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient", equation 8.
    """
    agreement, true, predicted = _moments(scored)
    spread = (1 - true @ true) * (1 - predicted @ predicted)
    return float((agreement - true @ predicted) / spread**0.5) if spread > 0 else 0.0


def cohen_kappa(scored: Scored) -> float | None:
    """Return the agreement beyond chance, -1 to 1 (Cohen 1960); None where chance alone agrees always."""
    agreement, true, predicted = _moments(scored)
    by_chance = true @ predicted
    return float((agreement - by_chance) / (1 - by_chance)) if by_chance < 1 else None


def _moments(scored: Scored) -> tuple[float, Floats, Floats]:
    """Return the share of images classified right, and the shares of true and of predicted classes, each (k,)."""
    matrix = scored.matrix / scored.images
    return float(np.trace(matrix)), matrix.sum(axis=1), matrix.sum(axis=0)


def roc_auc(scored: Scored) -> float | None:
    """Return the area under the ROC curve of each class against the rest, averaged over classes.

    It is how often an image of the class is given a higher probability for it than one of another class, a tie counting
    half (Hanley and McNeil 1982). None where a class has no images, or all of them.
    """
    found = _by_class(scored)
    if not all(each.inside and each.outside for each in found):
        return None
    return mean([curves.area(each) for each in found])


def _by_class(scored: Scored) -> list[Counts]:
    return [curves.counts(column, scored.labels == i) for i, column in enumerate(scored.probabilities.T)]


def average_precision(scored: Scored) -> float:
    """Return the precision of each class at every threshold, weighted by the gain in recall, averaged over classes.

    A class without images counts 0. No points of the curve are interpolated.
    """
    return mean([curves.average_precision(each) for each in _by_class(scored)])


def brier_score(scored: Scored) -> float:
    """Return the squared distance of probabilities to the truth, 0 to 2, half of it for two classes (Brier 1950)."""
    distances = ((scored.probabilities - np.eye(scored.classes)[scored.labels]) ** 2).sum(axis=1)
    return float(distances.mean()) / (2 if scored.classes == 2 else 1)

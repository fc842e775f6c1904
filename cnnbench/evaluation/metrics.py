"""What the measures of a classifier are made of: pure functions of labels and class probabilities.

Throughout, `labels` and `predicted` are class indices of shape (n,), `probabilities` has shape (n, k), and
scores lie between 0 and 1. Where scikit-learn has the measure, the definition is scikit-learn's with
`labels=range(k)` and `zero_division=0`: a class nobody predicted has precision 0, a class without images has
recall 0, and both count in the macro average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.numbers import mean, without_noise
from cnnbench.seeds import Stream, generator

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassScores:
    """Precision, recall, F1 and support (number of images) of every class, each of shape (k,)."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints


@dataclass(frozen=True)
class Reliability:
    """What a reliability diagram shows: images, mean confidence and accuracy per bin, each of shape (bins,).

    `edges` has shape (bins + 1,). Bins are closed on the right: (edges[i], edges[i + 1]]. Empty bins hold 0.
    """

    edges: Floats
    images: Ints
    confidence: Floats
    accuracy: Floats


def predict(probabilities: Floats) -> Ints:
    """Return the most probable class of each image, shape (n,); of equals the first."""
    best: Ints = probabilities.argmax(axis=1)
    return best


def confusion_matrix(labels: Ints, predicted: Ints, classes: int) -> Ints:
    """Count images by true class (row) and predicted class (column), shape (classes, classes)."""
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def class_scores(matrix: Ints) -> ClassScores:
    """Return the scores of every class of a confusion matrix of shape (k, k); 0 where undefined."""
    right = np.diagonal(matrix)
    support, chosen = matrix.sum(axis=1), matrix.sum(axis=0)
    return ClassScores(
        precision=_ratio(right, chosen),
        recall=_ratio(right, support),
        f1=_ratio(2 * right, chosen + support),
        support=support,
    )


def averages(scores: ClassScores, correct: int) -> dict[str, dict[str, float]]:
    """Return macro (every class alike), micro (every image alike) and weighted (by support) averages.

    With one label per image, every wrong image is one false positive and one false negative, so that
    micro-averaged precision, recall and F1 are all `correct` / images, the accuracy.
    """
    total = int(scores.support.sum())
    columns = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    return {
        "macro": {name: mean(column.tolist()) for name, column in columns.items()},
        "micro": dict.fromkeys(columns, correct / total),
        "weighted": {name: without_noise(float(column @ scores.support / total)) for name, column in columns.items()},
    }


def worst_class(per_class: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the line of the class with the lowest F1, then recall, among the classes that have images."""
    return min((line for line in per_class if line["support"]), key=lambda line: (line["f1"], line["recall"]))


def differ(per_class: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether classes that have images differ in F1 or recall: of equals none is the worst."""
    return len({(line["f1"], line["recall"]) for line in per_class if line["support"]}) > 1


def top_k_accuracy(labels: Ints, probabilities: Floats, top: int) -> float:
    """Return the share of images whose class is among the `top` most probable ones.

    Of equally probable classes those with the highest index are taken, as scikit-learn does.
    """
    best = np.argsort(probabilities, axis=1, kind="stable")[:, ::-1][:, :top]
    return float((best == labels[:, None]).any(axis=1).mean())


def wilson_interval(correct: int, images: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22, pages 209 to 212)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = correct / images, 1 + z * z / images
    centre = (share + z * z / (2 * images)) / shrink
    half = z / shrink * (share * (1 - share) / images + z * z / (4 * images * images)) ** 0.5
    low = 0.0 if correct == 0 else centre - half  # exact at both ends, where the sum above leaves a rounding error
    high = 1.0 if correct == images else centre + half
    return low, high


def reliability(labels: Ints, probabilities: Floats, bins: int) -> Reliability:
    """Sort images into `bins` equal-width bins of their top probability (Guo et al. 2017, section 2)."""
    confidence = probabilities.max(axis=1)
    right = labels == predict(probabilities)
    which = bin_of(confidence, bins)
    images = np.bincount(which, minlength=bins)
    return Reliability(
        edges=_edges(bins),
        images=images,
        confidence=_ratio(np.bincount(which, weights=confidence, minlength=bins), images),
        accuracy=_ratio(np.bincount(which, weights=right, minlength=bins), images),
    )


def bin_of(confidence: Floats, bins: int) -> Ints:
    """Return which of `bins` equal-width bins, closed on the right, each confidence falls in, (n,)."""
    return np.clip(np.searchsorted(_edges(bins), confidence, side="left") - 1, 0, bins - 1)


def losses(labels: Ints, probabilities: Floats) -> Floats:
    """Return the negative natural logarithm of the true class' probability of each image, in nats, (n,).

    Probabilities are clipped to [eps, 1 - eps] with eps = 2**-52, as scikit-learn does in double precision.
    """
    eps = np.finfo(np.float64).eps
    of_truth = probabilities[np.arange(len(labels)), labels]
    lost: Floats = -np.log(np.clip(of_truth, eps, 1 - eps))
    return lost


def confident_mistakes(labels: Ints, probabilities: Floats, count: int) -> Ints:
    """Return the rows of at most `count` wrong predictions, the most confident first."""
    wrong = np.flatnonzero(predict(probabilities) != labels)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return wrong[order][:count]


def frequent_confusions(matrix: Ints, count: int) -> list[tuple[int, int, int]]:
    """Return (true class, predicted class, images) of at most `count` kinds of mistake, the most frequent first."""
    wrong = matrix - np.diag(np.diagonal(matrix))
    cells = np.argsort(-wrong, axis=None, kind="stable")[:count].tolist()
    found = [(*divmod(cell, len(matrix)), int(wrong.flat[cell])) for cell in cells]
    return [(true, predicted, images) for true, predicted, images in found if images]


def random_sample(images: int, count: int, seed: int) -> Ints:
    """Return at most `count` different rows below `images` in ascending order, drawn by `seed`."""
    return np.sort(generator(Stream.SAMPLES, seed).choice(images, size=min(count, images), replace=False))


def _edges(bins: int) -> Floats:
    return np.linspace(0, 1, bins + 1)


def _ratio(part: NDArray[Any], whole: Ints) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return ratio

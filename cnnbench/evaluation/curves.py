"""Curves of one class against the rest, over all thresholds of its probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.evaluation.metrics import Floats, Ints


@dataclass(frozen=True)
class Counts:
    """Images at or above each threshold, the highest threshold first, each of shape (t,).

    `right` are those of the class, `wrong` those of others; `inside` and `outside` are how many there are of each.
    """

    right: Ints
    wrong: Ints
    inside: int
    outside: int


def counts(chances: Floats, is_class: NDArray[np.bool_]) -> Counts:
    """Count images by threshold: (n,) probabilities of a class, and which of the images are of it.

    There is a threshold for every different probability, so that images with equal ones are counted together.
    """
    order = np.argsort(-chances, kind="stable")
    last = np.append(np.flatnonzero(np.diff(chances[order])), len(order) - 1)
    right = np.cumsum(is_class[order], dtype=np.int64)[last]
    inside = int(is_class.sum())
    return Counts(right, last + 1 - right, inside, len(order) - inside)


def roc(found: Counts) -> tuple[Floats, Floats]:
    """Return the shares of others and of the class above each threshold, from (0, 0) to (1, 1), each (t + 1,).

    Raises ValueError where there are none of one of the two.
    """
    if not found.inside or not found.outside:
        raise ValueError("a ROC curve needs images of the class and of others")
    false, true = found.wrong / found.outside, found.right / found.inside
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


def precision_recall(found: Counts) -> tuple[Floats, Floats]:
    """Return recall and precision at each threshold, the highest first, each (t,); recall is 0 without images."""
    return found.right / max(1, found.inside), found.right / (found.right + found.wrong)


def area(found: Counts) -> float:
    """Return the area under the ROC curve by trapezoids, where a tie counts half."""
    false, true = roc(found)
    return float(np.trapezoid(true, false))


def average_precision(found: Counts) -> float:
    """Return the precision at each threshold, weighted by the gain in recall; no points are interpolated."""
    recall, precision = precision_recall(found)
    return float(np.diff(recall, prepend=0.0) @ precision)

"""Labels that are likely wrong, by confident learning: cleanlab, an extra.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70. The
probabilities are to be those of images that the classifier has not learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from cnnbench.evaluation.metrics import Floats, Ints

ABSENT = "cleanlab, which finds them, is not installed; pip install 'cnnbench[labels]' brings it"


@dataclass(frozen=True)
class LabelErrors:
    """Rows (m,) of images whose label is likely wrong, the likeliest first; the class that is likelier, (m,).

    `quality` is the probability of the label that is given, (m,).
    """

    rows: Ints
    likely: Ints
    quality: Floats


def is_installed() -> bool:
    """Return whether cleanlab is there."""
    return find_spec("cleanlab") is not None


def version() -> str:
    """Return cleanlab's version."""
    return metadata.version("cleanlab")


def find(labels: Ints, probabilities: Floats) -> LabelErrors:
    """Return the labels (n,) that probabilities (n, k) contradict; none where all images have the same label."""
    found: Sequence[int] = [] if len(np.unique(labels)) < 2 else _issues(labels, np.clip(probabilities, 0.0, 1.0))
    rows = np.array(found, np.int64)
    others = probabilities[rows].copy()
    others[np.arange(len(rows)), labels[rows]] = -1
    return LabelErrors(rows, others.argmax(axis=1), probabilities[rows, labels[rows]])


def _issues(labels: Ints, probabilities: Floats) -> Sequence[int]:
    from cleanlab.filter import find_label_issues

    ranked: Sequence[int] = find_label_issues(
        labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return ranked

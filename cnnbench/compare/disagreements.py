"""The test images on which groups disagree, and how the F1 of each class differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.compare.answers import disagreeing
from cnnbench.compare.difference import Difference
from cnnbench.compare.runs import Group
from cnnbench.runs.predictions import Predictions

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Disagreement:
    """A test image that two groups take for different classes; `image` is (H, W, C), None where no run keeps it."""

    row: int
    index: str
    file_name: str
    true: str
    a: str
    b: str
    image: Image | None


@dataclass(frozen=True)
class ClassF1:
    """F1 of a class in the baseline and how far that of each other group lies from it, in their order."""

    name: str
    support: int
    baseline: float
    differences: tuple[float, ...]


def disagreements(found: Difference, images: dict[int, Image], most: int) -> list[Disagreement]:
    """Return at most `most` images on which two groups differ: pictures first, then those that one has right."""
    a, b = found.a.answers, found.b.answers
    rows = disagreeing([a, b])
    pictured = np.isin(rows, list(images))
    one_right = a.right[rows] | b.right[rows]
    chosen = rows[np.lexsort((rows, ~one_right, ~pictured))][:most].tolist()
    return [_disagreement(row, a, b, images.get(row)) for row in chosen]


def _disagreement(row: int, a: Predictions, b: Predictions, image: Image | None) -> Disagreement:
    names = a.class_names
    said = names[a.labels[row]], names[a.predicted[row]], names[b.predicted[row]]
    return Disagreement(row, a.indices[row], a.file_names[row], *said, image)


def kept_images(groups: Sequence[Group]) -> dict[int, Image]:
    """Return the test images that runs keep in samples.npz, by their row in the predictions."""
    kept: dict[int, Image] = {}
    for samples in (run.samples for group in groups for run in group.runs):
        if samples is not None:
            kept |= zip(samples.rows.tolist(), samples.images, strict=True)
    return kept


def disagreement_rows(groups: Sequence[Group]) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a table of every image for which not all groups predict the same class."""
    answers = [group.answers for group in groups]
    first = answers[0]
    header = ["row", "index", "name", "true", *(group.name for group in groups)]
    rows = [
        [str(row), first.indices[row], first.file_names[row], first.class_names[first.labels[row]]]
        + [first.class_names[one.predicted[row]] for one in answers]
        for row in disagreeing(answers).tolist()
    ]
    return header, rows


def class_differences(baseline: Group, others: Sequence[Group]) -> list[ClassF1]:
    """Return the F1 of every class, a mean over runs, beside the baseline's; the largest differences first."""
    lines = [_class(line, baseline, others) for line in baseline.runs[0].measured["per_class"]]
    return sorted(lines, key=lambda line: -max(map(abs, line.differences), default=0))


def _class(line: dict[str, Any], baseline: Group, others: Sequence[Group]) -> ClassF1:
    name = str(line["class"])
    base, *rest = (_mean_f1(group, name) for group in (baseline, *others))
    return ClassF1(name, int(line["support"]), base, tuple(value - base for value in rest))


def _mean_f1(group: Group, class_name: str) -> float:
    values = group.values(f"per_class.{class_name}.f1")
    return sum(values) / len(values)

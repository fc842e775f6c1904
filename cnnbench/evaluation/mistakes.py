"""Which images of a split are worth a look: what went into each cell of the confusion matrix, and close answers.

As elsewhere in this room `labels` and `predicted` are class indices of shape (n,), `probabilities` has shape (n, k);
they are None of a classifier that gives none, whose images then come in the order of the split.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cnnbench.evaluation.metrics import Floats, Ints

UNSURE = 12  # right answers by the least margin
RIGHT = 60  # right answers in all, the closest of each class


def margins(probabilities: Floats) -> Floats:
    """Return by how much the most probable class of each image leads the second, (n,)."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    lead: Floats = first - second
    return lead


def unsure(labels: Ints, predicted: Ints, probabilities: Floats | None, count: int = UNSURE) -> Ints:
    """Return the rows of at most `count` right answers, the least margin first; none without probabilities."""
    if probabilities is None:
        return np.zeros(0, np.int64)
    right = np.flatnonzero(labels == predicted)
    return right[np.argsort(margins(probabilities[right]), kind="stable")][:count]


def by_cell(labels: Ints, predicted: Ints, probabilities: Floats | None) -> dict[tuple[int, int], Ints]:
    """Return (true class, predicted class) -> its rows, for each cell that has some.

    Of mistakes the most confident come first, of right answers those by the least margin.
    """
    order = _order(labels, predicted, probabilities)
    cells = np.stack([labels[order], predicted[order]], axis=1)
    found, of_row = np.unique(cells, axis=0, return_inverse=True)
    grouped = np.argsort(of_row, kind="stable")
    ends = np.cumsum(np.bincount(of_row, minlength=len(found)))[:-1]
    return {(int(t), int(p)): rows for (t, p), rows in zip(found, np.split(order[grouped], ends), strict=True)}


def worth_a_look(
    labels: Ints, predicted: Ints, probabilities: Floats | None, most: int, first: Iterable[int] = ()
) -> Ints:
    """Return at most `most` different rows: `first`, the closest right answers, then mistakes of every kind.

    Every cell gives one image before any gives its second, those with most images first.
    """
    cells = by_cell(labels, predicted, probabilities)
    right = _in_turn([rows for (true, guess), rows in cells.items() if true == guess])[:RIGHT]
    wrong = _in_turn([rows for (true, guess), rows in cells.items() if true != guess])
    wanted = [*first, *unsure(labels, predicted, probabilities).tolist(), *right, *wrong]
    return np.array(list(dict.fromkeys(wanted))[:most], np.int64)


def _order(labels: Ints, predicted: Ints, probabilities: Floats | None) -> Ints:
    if probabilities is None:
        return np.arange(len(labels))
    surest_mistakes_first = np.where(labels == predicted, margins(probabilities), -probabilities.max(axis=1))
    return np.argsort(surest_mistakes_first, kind="stable")


def _in_turn(cells: list[Ints]) -> list[int]:
    """Return rows of cells: the first of each, then the second of each, of equals that of the largest cell."""
    ranked = [(place, -len(rows), int(row)) for rows in cells for place, row in enumerate(rows)]
    return [row for _, _, row in sorted(ranked, key=lambda one: one[:2])]

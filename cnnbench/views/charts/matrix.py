"""A confusion matrix, readable from 2 to 100 classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import count, label, percent
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import GRID, INK, UPRIGHT, WHITE_FROM, explained, painted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS_UP_TO = 20  # classes; the cells of more are too small to write in
LABELS_UP_TO = 36  # class names along one side; of more, every second, third ... is written
CELL = (0.45, 0.34)  # inches, with its two numbers
NUMBER = 7  # points
MISTAKES_TOLD = 5


def confusion_matrix(matrix: NDArray[np.int64], class_names: Sequence[str]) -> Panel:
    """Return a panel of (k, k) counts of images, true classes in rows, each with what share of its row it is.

    The colour is that share, on a linear scale; zeros stay empty. The accuracy stands in the title.
    """
    shares = shares_of(matrix)
    accuracy = float(np.trace(matrix) / matrix.sum())

    def draw(axes: Axes) -> None:
        axes.imshow(painted(shares), aspect="auto")
        if len(matrix) <= NUMBERS_UP_TO:
            _write_numbers(axes, matrix, shares)
        name_classes(axes, class_names, _size(len(matrix))[0], LABELS_UP_TO)
        explained(axes, f"Confusion matrix, accuracy {percent(accuracy)}")
        axes.set(ylabel="true class", xlabel="predicted class")

    return Panel(draw, *_size(len(matrix)), said=in_words(matrix, class_names))


def in_words(matrix: NDArray[np.int64], class_names: Sequence[str]) -> str:
    """Return what a confusion matrix says: its accuracy, and which classes are taken for which others most often."""
    wrong = matrix - np.diag(np.diagonal(matrix))
    worst = np.argsort(-wrong, axis=None, kind="stable")[:MISTAKES_TOLD]
    pairs = [(int(wrong[at]), *at) for at in zip(*np.unravel_index(worst, wrong.shape), strict=True) if wrong[at]]
    told = [f"{label(class_names[t])} taken for {label(class_names[p])} ({count(images)})" for images, t, p in pairs]
    right = f"{count(int(np.trace(matrix)))} of {count(int(matrix.sum()))} images right"
    accuracy = percent(float(np.trace(matrix) / matrix.sum()))
    mistakes = f"Most frequent mistakes: {', '.join(told)}." if told else "No mistakes."
    return f"Confusion matrix of {len(matrix)} classes, accuracy {accuracy}, {right}. {mistakes}"


def shares_of(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which share of its true class each cell is, (k, k); 0 where a class has no images."""
    support = matrix.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(matrix, support, out=np.zeros(matrix.shape), where=support > 0)
    return shares


def _size(classes: int) -> tuple[float, float]:
    if classes > NUMBERS_UP_TO:
        return 6.6, 6.4
    return max(PHONE, 0.9 + CELL[0] * classes), max(2.6, 1.1 + CELL[1] * classes)


def _write_numbers(axes: Axes, matrix: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    for (row, column), images in np.ndenumerate(matrix):
        if images:
            share = float(shares[row, column])
            color = "white" if share > WHITE_FROM else INK
            for text, align in ((count(int(images)), "bottom"), (percent(share, 1), "top")):
                axes.text(column, row, text, ha="center", va=align, color=color, fontsize=NUMBER)


def name_classes(axes: Axes, class_names: Sequence[str], width: float, most: int) -> None:
    """Name rows and columns of a panel so many inches wide, not more of them than `most`."""
    classes = len(class_names)
    ticks = range(0, classes, -(-classes // most))
    names = [label(class_names[i], 18) for i in ticks]
    size = 8.5 if classes <= most else 7
    apart = 72 * (width - 1) / len(ticks)  # points
    flat = max(map(len, names)) * 0.7 * size + 2 <= apart
    axes.set_xticks(ticks, names, fontsize=size, **({} if flat else UPRIGHT))
    axes.set_yticks(ticks, names, fontsize=size)
    axes.tick_params(length=0)
    axes.grid(False)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(GRID)

"""Confusion matrices as pictures, readable from 2 to 100 classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import count, label, percent
from cnnbench.views.style import new_figure, shades, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NUMBERS_UP_TO = 20  # classes; the cells of more are too small to write in
LABELS_UP_TO = 36  # class names along one side; of more, every second, third ... is written


@styled
def confusion_matrix(matrix: NDArray[np.int64], class_names: Sequence[str]) -> Figure:
    """Draw counts of images of shape (k, k), true classes in rows; zeros stay empty."""
    texts = [[count(cell) if cell else "" for cell in row] for row in matrix.tolist()]
    return _heat_map(matrix.astype(np.float64), texts, class_names, "Confusion matrix", "images", max(matrix.max(), 1))


@styled
def confusion_matrix_normalized(matrix: NDArray[np.int64], class_names: Sequence[str]) -> Figure:
    """Draw each row of a (k, k) matrix of counts in per cent of the images of its true class."""
    support = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, support, out=np.zeros(matrix.shape), where=support > 0)
    texts = [[percent(cell, 1, sign="") if cell else "" for cell in row] for row in shares.tolist()]
    return _heat_map(100 * shares, texts, class_names, "Confusion matrix, rows in per cent", "% of true class", 100)


def _heat_map(
    values: NDArray[np.float64], texts: list[list[str]], class_names: Sequence[str], title: str, unit: str, most: float
) -> Figure:
    from matplotlib.colors import PowerNorm

    classes = len(class_names)
    side = float(np.clip(3.2 + 0.36 * classes, 4.4, 9))
    figure = new_figure(side + 1.2, side)
    axes = figure.subplots()
    # A square-root scale: the few mistakes show beside the many right ones.
    norm = PowerNorm(0.5, vmin=0, vmax=most)
    picture = axes.imshow(values, cmap=shades(), norm=norm, interpolation="nearest")
    if classes <= NUMBERS_UP_TO:
        _write_numbers(axes, values, texts)
    _name_classes(axes, class_names)
    axes.set_title(title)
    axes.set_ylabel("true class")
    axes.set_xlabel("predicted class")
    figure.colorbar(picture, ax=axes, label=f"{unit}, square-root scale", shrink=0.8)
    return figure


def _write_numbers(axes: Axes, values: NDArray[np.float64], texts: list[list[str]]) -> None:
    dark = 0.42 * values.max()  # from here on white is easier to read
    longest = max(len(text) for row in texts for text in row)
    size = float(np.clip(60 / len(texts) / max(longest, 3) * 5, 4.5, 11))
    for (row, column), value in np.ndenumerate(values):
        color = "white" if value > dark else "black"
        axes.text(column, row, texts[row][column], ha="center", va="center", color=color, fontsize=size)


def _name_classes(axes: Axes, class_names: Sequence[str]) -> None:
    classes = len(class_names)
    step = -(-classes // LABELS_UP_TO)
    ticks = range(0, classes, step)
    names = [label(class_names[i], 18) for i in ticks]
    size = 10 if classes <= 12 else 8
    flat = max(map(len, names)) * classes <= 30
    axes.set_xticks(ticks, names, fontsize=size, rotation=0 if flat else 90)
    axes.set_yticks(ticks, names, fontsize=size)
    axes.grid(False)
    axes.spines[:].set_visible(True)

"""Plots of how good the predictions are: scores per class, calibration, images per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.evaluation.metrics import Reliability
from cnnbench.text import label, significant
from cnnbench.views.style import BLUE, GREEN, GREY, ORANGE, RED, SHARE, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 120  # classes; a plot of more is too tall to look at
SCORES = {"precision": (ORANGE, "s"), "recall": (GREEN, "^"), "f1": (BLUE, "o")}


@styled
def per_class(lines: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw precision, recall and F1 of every class, the best F1 on top; a line spans each class' three.

    Of more than `MOST_ROWS` classes the worst are drawn.
    """
    ordered = sorted(lines, key=lambda line: line["f1"])[:MOST_ROWS]
    which = f"the worst {MOST_ROWS} of {len(lines)}" if len(lines) > MOST_ROWS else "sorted by F1"
    rows = range(len(ordered))
    figure, axes = class_rows([line["class"] for line in ordered])
    values = np.array([[line[score] for score in SCORES] for line in ordered])
    axes.hlines(rows, values.min(axis=1), values.max(axis=1), color="#BBBBBB", linewidth=2, zorder=1)
    for column, (score, (color, marker)) in enumerate(SCORES.items()):
        name = "F1" if score == "f1" else score
        axes.scatter(values[:, column], rows, s=26, color=color, marker=marker, label=name, zorder=2)
    within(axes, x=SHARE)
    axes.set_xlabel("score (0 to 1)")
    axes.set_title(f"Precision, recall and F1 per class, {which}")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


@styled
def calibration(found: Reliability, error: float) -> Figure:
    """Draw accuracy over confidence with the gaps to the diagonal, and below it how many images each bin holds."""
    figure = new_figure(5.6, 6)
    diagram, histogram = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    width = found.edges[1]
    centres = found.edges[:-1] + width / 2
    used = found.images > 0
    _reliability(diagram, found, centres, used)
    diagram.set_title(f"Calibration (expected error {significant(error)})")
    histogram.bar(centres, found.images, width=0.92 * width, color=GREY)
    histogram.set_ylabel("images")
    histogram.set_xlabel("confidence (probability of the predicted class)")
    histogram.set_xlim(0, 1)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


@styled
def class_distribution(images: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw how many images of each class the splits hold; `images` is split -> class -> count."""
    names = list(next(iter(images.values())))
    figure, axes = class_rows(names)
    left = np.zeros(len(names))
    for (split, counts), color in zip(images.items(), (BLUE, ORANGE, GREEN), strict=False):
        widths = np.array([counts.get(name, 0) for name in names])
        axes.barh(range(len(names)), widths, left=left, color=color, label=split)
        left += widths
    axes.invert_yaxis()
    axes.set_xlabel("images")
    axes.set_title("Images per class and split")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def class_rows(class_names: Sequence[str]) -> tuple[Figure, Axes]:
    """Return a figure whose axes have a row for every class, named along the left side."""
    few = len(class_names) <= 20
    figure = new_figure(8, 1.6 + (0.27 if few else 0.17) * max(len(class_names), 4))
    axes = figure.subplots()
    axes.set_yticks(range(len(class_names)), [label(name) for name in class_names], fontsize=10 if few else 8)
    axes.set_ylim(-0.8, len(class_names) - 0.2)
    return figure, axes


def _reliability(axes: Axes, found: Reliability, centres: Any, used: Any) -> None:
    width = 0.92 * found.edges[1]
    axes.bar(centres, found.accuracy, width=width, color="#9CCBE8", label="accuracy")
    gap = {"bottom": found.accuracy[used], "width": width, "facecolor": "none", "edgecolor": RED, "hatch": "////"}
    axes.bar(centres[used], (found.confidence - found.accuracy)[used], label="gap to confidence", **gap)
    axes.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1, label="perfectly calibrated")
    axes.set_ylabel("accuracy (share of images)")
    axes.set_ylim(0, 1)

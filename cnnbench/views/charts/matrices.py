"""Confusion matrices small enough to stand side by side, and how one differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import fixed, label, percent
from cnnbench.views.charts.matrix import in_words, name_classes, shares_of
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import BLUE, INK, RED, WHITE_FROM, explained, painted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS_UP_TO = 10  # classes; the cells of more are too small to write in
LABELS_UP_TO = 20
NUMBER = 8  # points
HEIGHT = 3.1  # inches
LEAST_SHOWN = 0.5  # points of a difference that are worth a number


def small(matrix: NDArray[np.int64], class_names: Sequence[str], title: str) -> Panel:
    """Return a panel of (k, k) counts of images as percent of each true class, which are the rows.

    The accuracy stands beside the title.
    """
    shares, accuracy = shares_of(matrix), float(np.trace(matrix) / matrix.sum())

    def draw(axes: Axes) -> None:
        axes.imshow(painted(shares), aspect="auto")
        texts = [[percent(share, 0, sign="") if share else "" for share in row] for row in shares.tolist()]
        _lay_out(axes, texts, shares, class_names, f"{title}, {percent(accuracy)}")

    return Panel(draw, PHONE, HEIGHT, said=f"{title}. {in_words(matrix, class_names)}")


def difference(matrix: NDArray[np.int64], other: NDArray[np.int64], class_names: Sequence[str], title: str) -> Panel:
    """Return a panel of how many points more (blue) or less (red) of each true class are in a cell than in another's.

    Both are (k, k) counts of images, true classes in rows. Colours reach from no to the largest difference.
    """
    apart = shares_of(matrix) - shares_of(other)
    strength = np.abs(apart) / (np.abs(apart).max() or 1.0)

    def draw(axes: Axes) -> None:
        for sign, color in ((1, BLUE), (-1, RED)):
            axes.imshow(painted(np.where(sign * apart > 0, strength, 0), color), aspect="auto")
        _lay_out(axes, [[_points(share) for share in row] for row in apart.tolist()], strength, class_names, title)

    return Panel(draw, PHONE, HEIGHT, said=f"{title}. {_in_words(apart, class_names)}")


def _in_words(apart: NDArray[np.float64], class_names: Sequence[str]) -> str:
    """Return the largest differences, in points of a true class."""
    places = zip(*np.unravel_index(np.argsort(-np.abs(apart), axis=None, kind="stable")[:5], apart.shape), strict=True)
    told = [(_points(float(apart[at])), *(label(class_names[i]) for i in at)) for at in places]
    said = [f"{true} taken for {predicted} ({points})" for points, true, predicted in told if points]
    return f"Largest differences in points of a class: {', '.join(said) or 'none of half a point'}."


def _points(share: float) -> str:
    """Return a difference in whole points with its sign, "" for one that is not worth it."""
    points = 100 * share
    return f"{'+' if points > 0 else '−'}{fixed(abs(points), 0)}" if abs(points) >= LEAST_SHOWN else ""


def _lay_out(
    axes: Axes, texts: Sequence[Sequence[str]], strength: NDArray[np.float64], class_names: Sequence[str], title: str
) -> None:
    for (row, column), value in np.ndenumerate(strength):
        if len(texts) <= NUMBERS_UP_TO and (text := texts[row][column]):
            color = "white" if value > WHITE_FROM else INK
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=NUMBER)
    name_classes(axes, class_names, PHONE, LABELS_UP_TO)
    explained(axes, title)
    axes.set(ylabel="true class", xlabel="predicted class")

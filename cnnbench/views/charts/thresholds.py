"""Each class against the rest over all thresholds of its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.text import label, significant
from cnnbench.views.figure import Panel
from cnnbench.views.style import COLORS, FAINT, INK, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = len(COLORS)  # classes with a colour of their own
NAME_LIMIT = 14
CELLS = 200  # per axis: what is drawn of a curve is a point in each, which no eye tells from all of them


@dataclass(frozen=True)
class Curve:
    """The curve of a class, `x` and `y` of shape (t,), and the area under it."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    area: float


def roc(curves: Sequence[Curve]) -> Panel:
    """Return a panel of the share of a class that is found over the share of other images taken for it."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1)
        _draw(axes, curves, "ROC")
        axes.set(xlabel="false positive rate", ylabel="true positive rate")

    return Panel(draw, height=3.4)


def precision_recall(curves: Sequence[Curve]) -> Panel:
    """Return a panel of how many images taken for a class are of it over how many of it are found."""

    def draw(axes: Axes) -> None:
        _draw(axes, curves, "Precision and recall")
        axes.set(xlabel="recall", ylabel="precision")

    return Panel(draw, height=3.4)


def _draw(axes: Axes, curves: Sequence[Curve], title: str) -> None:
    """Draw all curves and name those with the smallest areas, which have most to tell."""
    ordered = sorted(curves, key=lambda curve: curve.area)
    for curve in ordered[NAMED:]:
        axes.plot(*_thinned(curve), color=FAINT, linewidth=0.8, zorder=1)
    for curve, color in zip(ordered, COLORS, strict=False):
        named = f"{label(curve.name, NAME_LIMIT)} {significant(curve.area)}"
        axes.plot(*_thinned(curve), color=color, linewidth=1.3, label=named)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    few = len(ordered) <= NAMED
    explained(axes, f"{title} of every class" if few else f"{title}: {NAMED} worst of {len(ordered)}", 2)


def _thinned(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cells = np.round(np.stack([curve.x, curve.y]) * CELLS)
    moves = (np.diff(cells, axis=1) != 0).any(axis=0)
    kept = np.concatenate([[True], moves])
    kept[-1] = True
    return curve.x[kept], curve.y[kept]

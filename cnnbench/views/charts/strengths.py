"""Accuracy over the strength of what is done to images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnbench.views.figure import Panel
from cnnbench.views.style import COLORS, MARKERS, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Line:
    """What is done to images, and its points: strength, accuracy and the ends of its interval."""

    name: str
    points: Sequence[tuple[float, float, float, float]]


def strengths(title: str, lines: Sequence[Line], lowest: float) -> Panel:
    """Return a panel with a line for each, and its interval as a band, from an accuracy of `lowest` to 1."""

    def draw(axes: Axes) -> None:
        for line, color, marker in zip(lines, COLORS, MARKERS, strict=False):
            strength, accuracy, low, high = np.array(line.points, np.float64).T
            axes.fill_between(strength, low, high, color=color, alpha=0.18, linewidth=0)
            axes.plot(strength, accuracy, color=color, marker=marker, label=line.name)
        explained(axes, title, 2)
        axes.set(xlabel="strength", ylabel="accuracy", ylim=(min(lowest, 0.99) - 0.01, 1.005))

    return Panel(draw)

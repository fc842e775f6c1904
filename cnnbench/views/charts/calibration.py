"""Whether predictions are right as often as they are sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnbench.evaluation.metrics import Reliability
from cnnbench.text import significant
from cnnbench.views.figure import Panel
from cnnbench.views.style import GREY, INK, RED, SKY, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONFIDENCE = "confidence (probability of the prediction)"


def reliability(found: Reliability, error: float, title: str = "Calibration") -> Panel:
    """Return a panel of accuracy over confidence with the gaps to the diagonal."""
    width, used = found.edges[1], found.images > 0
    centres = found.edges[:-1] + width / 2

    def draw(axes: Axes) -> None:
        axes.bar(centres, found.accuracy, width=0.92 * width, color=SKY, label="accuracy")
        gap = (found.confidence - found.accuracy)[used]
        axes.bar(centres[used], gap, bottom=found.accuracy[used], width=0.6 * width, color=RED, alpha=0.6, label="gap")
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1, label="calibrated")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=CONFIDENCE, ylabel="accuracy (share of images)")
        explained(axes, f"{title}, error {significant(error)}", 3)

    return Panel(draw)


def confidences(found: Reliability) -> Panel:
    """Return a panel of how many images have which confidence."""
    width = found.edges[1]

    def draw(axes: Axes) -> None:
        axes.bar(found.edges[:-1] + width / 2, found.images, width=0.92 * width, color=GREY)
        axes.set(xlim=(0, 1), xlabel=CONFIDENCE, ylabel="images")
        explained(axes, "Images by confidence")

    return Panel(draw)

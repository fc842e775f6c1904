"""Feature maps before and after a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.views.figure import Panel
from cnnbench.views.style import BLUE, GRID, RED, painted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Maps = NDArray[Any]

SHOWN = 8  # maps, the strongest ones
SIDE = 0.62  # inches of a map
BESIDE = 0.75  # inches for "before" and "after"
LINE = 32  # values of a vector in a row


def before_and_after(title: str, before: Maps, after: Maps) -> Panel:
    """Return a sheet of the strongest maps, both (H, W, C), each above what the layer makes of it; a vector is one map.

    Blue is above 0 and red below it, as opaque as the value is large; both rows have one scale.
    """
    pairs = _pairs(before, after)
    largest = max(float(np.abs(part).max()) for pair in pairs for part in pair) or 1.0
    height, width = pairs[0][0].shape
    high = SIDE if len(pairs) > 1 else max(0.16 * height, 0.2)
    wide = SIDE * width / height if len(pairs) > 1 else 0.16 * width
    step = wide + 0.06

    def draw(axes: Axes) -> None:
        axes.text(0, 0.16, title, fontsize=9, fontweight="bold")
        for row, name in enumerate(("before", "after")):
            top = 0.28 + row * (high + 0.08)
            axes.text(0, top + high / 2 + 0.04, name, fontsize=8.5)
            for at, pair in enumerate(pairs):
                left = BESIDE + at * step
                signed_map(axes, pair[row] / largest, (left, left + wide, top + high, top))
        axes.set(xlim=(-0.02, BESIDE + len(pairs) * step), ylim=(bottom, 0), aspect="auto")

    bottom = 0.28 + 2 * (high + 0.08)
    said = f"{title}: the {len(pairs)} strongest feature maps before and after the layer."
    return Panel(draw, BESIDE + len(pairs) * step + 0.02, bottom, bare=True, said=said)


def _pairs(before: Maps, after: Maps) -> list[tuple[Maps, Maps]]:
    """Return the maps to show, or a vector in lines, filled up with zeros."""
    height, width, channels = before.shape
    if height * width > 1:
        strongest = np.argsort(-np.abs(before).mean(axis=(0, 1)), kind="stable")[:SHOWN]
        return [(before[:, :, at], after[:, :, at]) for at in np.sort(strongest)]
    lines = -(-channels // LINE)
    filled = [np.pad(part.ravel(), (0, lines * LINE - channels)).reshape(lines, LINE) for part in (before, after)]
    return [(filled[0], filled[1])]


def signed_map(axes: Axes, values: Maps, box: tuple[float, float, float, float]) -> None:
    """Draw values of -1..1, (h, w), into a box (left, right, bottom, top) of a sheet: blue above 0, red below it."""
    for sign, color in ((1, BLUE), (-1, RED)):
        axes.imshow(painted(np.clip(sign * values, 0, 1), color), extent=box)
    left, right, below, above = box
    axes.plot((left, right, right, left, left), (above, above, below, below, above), color=GRID, linewidth=0.7)

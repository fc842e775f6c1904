"""An activation function and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.views.figure import Panel
from cnnbench.views.style import BLUE, GREY, RED, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST, HIGHEST = -3.0, 7.0  # of what is drawn: a function that grows without end shall not press down all else
LEAST = (-0.2, 1.2)  # is always seen, so that slopes can be compared


def activation(name: str, x: NDArray[np.float64], y: NDArray[np.float64], slope: NDArray[np.float64]) -> Panel:
    """Return a panel of a function, all of shape (n,), and its derivative."""

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MultipleLocator

        axes.axhline(0, color=GREY, linewidth=0.7, zorder=0)
        axes.axvline(0, color=GREY, linewidth=0.7, zorder=0)
        axes.plot(x, y, color=BLUE, linewidth=2.2, label="value")
        axes.plot(x, slope, color=RED, linestyle="--", linewidth=1.3, label="derivative")
        low, high = min(y.min(), slope.min(), LEAST[0]), max(y.max(), slope.max(), LEAST[1])
        low, high = max(low, LOWEST), min(high, HIGHEST)
        edge = 0.04 * (high - low)
        axes.set(xlim=(x[0], x[-1]), ylim=(low - edge, high + edge))
        axes.set_xlabel("x")
        axes.xaxis.set_major_locator(MultipleLocator(2))
        axes.yaxis.set_major_locator(MultipleLocator(2 if high - low > 3 else 1 if high - low > 1.6 else 0.5))
        explained(axes, name, 2)

    return Panel(draw, 2.6, 2.1)

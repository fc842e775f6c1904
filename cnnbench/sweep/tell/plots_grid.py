"""A sweep of two keys as a heat map: one cell for each combination of listed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.plots_axes import Metric, done_trials, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import shown_metric, shown_value
from cnnbench.text import label
from cnnbench.views.figure import Panel
from cnnbench.views.style import INK, ORANGE, UPRIGHT, WHITE_FROM, explained, painted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Cell = tuple[int, ...]

MOST = 40  # values of a key; the cells of more are too small to tell apart
NUMBERS_UP_TO = 14  # columns whose cells have room for a number
PALEST = 0.06  # of the blue: what is done shows


def has_heat_map(results: SweepResults) -> bool:
    """Return whether exactly two keys were swept over lists of two and more values."""
    lengths = [len(axis.listed) for axis in results.sweep.space]
    return len(lengths) == 2 and all(2 <= length <= MOST for length in lengths)


def heat_map(results: SweepResults, objective: Objective) -> Panel:
    """Return a panel of an objective of two keys, the better the darker, the best framed; what is not done is named.

    The key with more values lies along the bottom.
    """
    down, across = sorted(results.sweep.space, key=lambda axis: len(axis.listed))
    done = done_trials(results)
    metric = metric_of(objective, done)
    cells = {scales.cell((down, across), one.trial): one for one in reversed(done)}  # of equals the best
    states = {scales.cell((down, across), trial): trial.state for trial in results.trials}
    values = np.full((len(down.listed), len(across.listed)), np.nan)
    for place, one in cells.items():
        values[place] = metric.of(one)
    goodness = _goodness(values, metric)

    def draw(axes: Axes) -> None:
        axes.imshow(painted(np.nan_to_num(goodness)), aspect="auto")
        _frame_best(axes, goodness)
        _write(axes, goodness, cells, states, metric)
        _name(axes, down, across)
        ends = [f"{value:.3g}" for value in (np.nanmin(values), np.nanmax(values))]
        pale, dark = ends if metric.maximize else reversed(ends)
        explained(axes, f"{metric.name}: {pale} to {dark}")

    rows, columns = values.shape
    names = max(map(len, _names(across)))
    height = 1.0 + 0.38 * rows + (0.2 if _is_flat(across) else 0.07 * names)
    width = 1.3 + (0.52 if columns <= NUMBERS_UP_TO else 0.2) * columns
    said = _in_words(values, goodness, down, across, metric)
    return Panel(draw, float(np.clip(width, 3.3, 9)), float(np.clip(height, 2.2, 9)), said=said)


def _in_words(
    values: NDArray[np.float64], goodness: NDArray[np.float64], down: Axis, across: Axis, metric: Metric
) -> str:
    """Return the best and the worst cell and how many are done."""

    def cell(at: Any) -> str:
        row, column = np.unravel_index(at, values.shape)
        keys = f"{across.path} {_names(across)[column]} and {down.path} {_names(down)[row]}"
        return f"{values[row, column]:.4g} with {keys}"

    ends = f"best {cell(np.nanargmax(goodness))}, worst {cell(np.nanargmin(goodness))}"
    return f"{metric.name}: {ends}; {np.isfinite(values).sum()} of {values.size} combinations done."


def _goodness(values: NDArray[np.float64], metric: Metric) -> NDArray[np.float64]:
    """Return how good each cell is, from `PALEST` to 1; NaN for what is not done."""
    scaled = np.log(values) if metric.log else values
    low, high = np.nanmin(scaled), np.nanmax(scaled)
    shares = (scaled - low) / (high - low) if high > low else np.where(np.isnan(scaled), np.nan, 1.0)
    found: NDArray[np.float64] = PALEST + (1 - PALEST) * (shares if metric.maximize or high == low else 1 - shares)
    return found


def _frame_best(axes: Axes, goodness: NDArray[np.float64]) -> None:
    from matplotlib.patches import Rectangle

    best = np.unravel_index(np.nanargmax(goodness), goodness.shape)
    frame: dict[str, Any] = {"fill": False, "edgecolor": ORANGE, "linewidth": 2.4}
    axes.add_patch(Rectangle((float(best[1]) - 0.47, float(best[0]) - 0.47), 0.94, 0.94, **frame))


def _write(
    axes: Axes, goodness: NDArray[np.float64], cells: Mapping[Cell, Ranked], states: Mapping[Cell, str], metric: Metric
) -> None:
    rows, columns = goodness.shape
    for place in np.ndindex(rows, columns):
        lines = _number(cells[place], metric) if place in cells else [states.get(place, "not run")]
        if columns > NUMBERS_UP_TO:
            lines = [] if place in cells else ["×"]
        color = "white" if place in cells and goodness[place] > WHITE_FROM else INK
        for text, align in zip(lines, ("bottom", "top") if len(lines) > 1 else ("center",), strict=False):
            axes.text(place[1], place[0], text, ha="center", va=align, color=color, fontsize=7.5)


def _number(one: Ranked, metric: Metric) -> list[str]:
    mean = one.means[metric.key]
    texts = [shown_metric(metric.key, value).removesuffix(" %") for value in (mean.mean, mean.std) if value is not None]
    return [texts[0], *(f"± {text}" for text in texts[1:])]


def _name(axes: Axes, down: Axis, across: Axis) -> None:
    below, beside = _names(across), _names(down)
    axes.set_xticks(range(len(below)), below, **({} if _is_flat(across) else UPRIGHT))
    axes.set_yticks(range(len(beside)), beside)
    axes.set_xlabel(label(across.path, 36))
    axes.set_ylabel(label(down.path, 24))
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=8.5 if len(below) <= 20 else 7)


def _names(axis: Axis) -> Sequence[str]:
    return [label(shown_value(value), 18) for value in axis.listed]


def _is_flat(axis: Axis) -> bool:
    """Return whether the names of the columns have room side by side."""
    longest = max(map(len, _names(axis)))
    return longest <= (6 if len(axis.listed) <= NUMBERS_UP_TO else 2) or len(axis.listed) * longest <= 32

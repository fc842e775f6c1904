"""A sweep of two keys as a heat map: one cell for each combination of listed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.plots_axes import Metric, done_trials, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import shown_metric, shown_value
from cnnbench.text import label
from cnnbench.views.style import ORANGE, new_figure, shades, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Cell = tuple[int, ...]

MOST = 40  # values of a key; the cells of more are too small to tell apart
NUMBERS_UP_TO = 14  # columns whose cells have room for a number


def has_heat_map(results: SweepResults) -> bool:
    """Return whether exactly two keys were swept over lists of two and more values."""
    lengths = [len(axis.listed) for axis in results.sweep.space]
    return len(lengths) == 2 and all(2 <= length <= MOST for length in lengths)


@styled
def heat_map(results: SweepResults, objective: Objective) -> Figure:
    """Draw an objective of two keys, the better the darker, the best framed; what is not done is named in its cell.

    The key with more values lies along the bottom.
    """
    down, across = sorted(results.sweep.space, key=lambda axis: len(axis.listed))
    done = done_trials(results)
    metric = metric_of(objective, done)
    cells = {scales.cell((down, across), one.trial): one for one in reversed(done)}  # of equals the best
    values = np.full((len(down.listed), len(across.listed)), np.nan)
    for place, one in cells.items():
        values[place] = metric.of(one)
    rows, columns = values.shape
    names = max(map(len, _names(across)))
    height = 1.6 + 0.55 * rows + (0.3 if _is_flat(across) else 0.1 * names)
    figure = new_figure(float(np.clip(3 + 0.75 * columns, 6, 11)), float(np.clip(height, 3, 12)))
    axes = figure.subplots()
    _paint(axes, values, metric)
    _write(axes, values, cells, _states(results.trials, (down, across)), metric)
    _name(axes, down, across)
    axes.set_title(f"{metric.name}: mean over the seeds, the better the darker")
    return figure


def _paint(axes: Axes, values: NDArray[np.float64], metric: Metric) -> None:
    from matplotlib.colors import LogNorm, Normalize

    found = values[np.isfinite(values)]
    limits = {"vmin": found.min(), "vmax": found.max()}
    norm = LogNorm(**limits) if metric.log else Normalize(**limits)
    colors = (shades() if metric.maximize else shades().reversed()).with_extremes(bad="#EFEFEF")
    picture = axes.imshow(np.ma.masked_invalid(values), cmap=colors, norm=norm, aspect="auto", interpolation="nearest")
    bar = axes.figure.colorbar(picture, ax=axes, label=metric.name, pad=0.02)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _write(
    axes: Axes, values: NDArray[np.float64], cells: Mapping[Cell, Ranked], states: Mapping[Cell, str], metric: Metric
) -> None:
    from matplotlib.patches import Rectangle

    best = np.unravel_index((np.nanargmax if metric.maximize else np.nanargmin)(values), values.shape)
    frame: dict[str, Any] = {"fill": False, "edgecolor": ORANGE, "linewidth": 3}
    axes.add_patch(Rectangle((float(best[1]) - 0.47, float(best[0]) - 0.47), 0.94, 0.94, **frame))
    rows, columns = values.shape
    size = float(np.clip(75 / columns, 6, 10))
    for place in np.ndindex(rows, columns):
        if columns <= NUMBERS_UP_TO:
            text = _number(cells[place], metric) if place in cells else states.get(place, "not run")
            color = "white" if place in cells and _is_dark(axes, values[place].item()) else "black"
            axes.text(place[1], place[0], text, ha="center", va="center", color=color, fontsize=size)
        elif place not in cells:
            axes.text(place[1], place[0], "×", ha="center", va="center", fontsize=7)


def _number(one: Ranked, metric: Metric) -> str:
    mean = one.means[metric.key]
    texts = [shown_metric(metric.key, value) for value in (mean.mean, mean.std) if value is not None]
    return "\n± ".join(text.removesuffix(" %") for text in texts)


def _is_dark(axes: Axes, value: float) -> bool:
    picture = axes.images[0]
    red, green, blue, _ = picture.cmap(float(np.asarray(picture.norm(np.array(value)))))
    return bool(0.3 * red + 0.59 * green + 0.11 * blue < 0.55)


def _states(trials: Sequence[Trial], axes: Sequence[Axis]) -> dict[Cell, str]:
    return {scales.cell(axes, trial): trial.state for trial in trials}


def _name(axes: Axes, down: Axis, across: Axis) -> None:
    below, beside = _names(across), _names(down)
    axes.set_xticks(range(len(below)), below, rotation=0 if _is_flat(across) else 90)
    axes.set_yticks(range(len(beside)), beside)
    axes.set_xlabel(label(across.path, 60))
    axes.set_ylabel(label(down.path, 30))
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=10 if len(below) <= 20 else 7)


def _names(axis: Axis) -> list[str]:
    return [label(shown_value(value), 18) for value in axis.listed]


def _is_flat(axis: Axis) -> bool:
    """Return whether the names of the columns have room side by side."""
    longest = max(map(len, _names(axis)))
    return len(axis.listed) <= 20 and (longest <= 6 or len(axis.listed) * longest <= 60)

"""All trials as lines across the swept keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.plots_axes import Metric, done_trials, ends, fraction, graded, metric_of
from cnnbench.sweep.tell.wording import short_names, shown_value
from cnnbench.text import label
from cnnbench.views.figure import Panel
from cnnbench.views.style import FAINT, INK, ORANGE, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

MOST_NAMES = 12  # values named along an axis
CLOSEST = 0.055  # of an axis between two names
JITTER = 0.03  # of an axis, so that lines through the same category are told apart
Ticks = list[tuple[float, str]]


def parallel_coordinates(results: SweepResults, objective: Objective) -> Panel:
    """Return a panel with a line for each done trial, the better the darker, the best orange; unfinished ones dotted.

    Each key has an upright axis, the objective the last one.
    """
    space, done = results.sweep.space, done_trials(results)
    metric = metric_of(objective, done)
    unfinished = [trial for trial in results.trials if trial.state in ("pruned", "failed")]
    ordered = sorted(done, key=metric.of, reverse=not metric.maximize)  # the best lies on top
    values, norm = [metric.of(one) for one in ordered], _norm(metric, [metric.of(one) for one in ordered])
    heights = np.column_stack([_places(space, [one.trial for one in ordered]), norm(values)])

    def draw(axes: Axes) -> None:
        _lines(axes, _places(space, unfinished), colors=FAINT, linestyles=":", linewidths=0.9, zorder=1)
        _lines(axes, heights, colors=graded(_goodness(metric, norm, values)), linewidths=1.2, zorder=2)
        axes.plot(range(len(space) + 1), heights[-1], color=ORANGE, linewidth=2.6, zorder=3, label="best trial")
        if unfinished:
            axes.plot([], [], color=FAINT, linestyle=":", label="pruned or failed")
        _upright_axes(axes, space, metric, _metric_ticks(metric, norm))
        explained(axes, metric.name)

    best = done[0].trial.values
    keys = ", ".join(f"{axis.path} {shown_value(best[axis.path])}" for axis in space)
    said = f"{len(done)} done trials across {len(space)} keys. The best trial has {keys}."
    return Panel(draw, float(np.clip(1.6 + 1.15 * len(space), 3.3, 9)), 3.9, said=said)


def _places(space: Sequence[Axis], trials: Sequence[Trial]) -> Any:
    """Return (trials, keys) heights of 0 to 1."""
    columns = [fraction(axis, [trial.values[axis.path] for trial in trials]) for axis in space]
    heights = np.array(columns, dtype=np.float64).T.reshape(len(trials), len(space))
    apart = np.array([not scales.is_numeric(axis) for axis in space]) * 2 * JITTER
    phases = np.array([(trial.number * 0.618034) % 1 - 0.5 for trial in trials])
    return heights + phases[:, None] * apart


def _lines(axes: Axes, heights: Any, **style: Any) -> None:
    from matplotlib.collections import LineCollection

    across = np.arange(heights.shape[1])
    axes.add_collection(LineCollection([np.column_stack([across, row]) for row in heights], **style))


def _norm(metric: Metric, values: Sequence[float]) -> Normalize:
    from matplotlib.colors import LogNorm, Normalize

    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return LogNorm(low, high) if metric.log else Normalize(low, high)


def _goodness(metric: Metric, norm: Normalize, values: Sequence[float]) -> Any:
    heights = np.asarray(norm(values))
    return heights if metric.maximize else 1 - heights


def _upright_axes(axes: Axes, space: Sequence[Axis], metric: Metric, last: Ticks) -> None:
    names = [*short_names([axis.path for axis in space]).values(), metric.name]
    for number, ticks in enumerate([*map(_ticks, space), last]):
        axes.axvline(number, color=INK, linewidth=1, zorder=4, ymin=0.05 / 1.1, ymax=1.05 / 1.1)
        side, gap = ("left", 0.04) if number == len(space) else ("right", -0.04)
        for height, text in ticks:
            axes.text(number + gap, height, label(text, 12), ha=side, va="center", fontsize=8, zorder=5)
    axes.set_xticks(range(len(names)), [label(name, 15) for name in names], fontsize=8)
    axes.tick_params(axis="x", length=0)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(-0.55, len(space) + 0.45), ylim=(-0.05, 1.05))


def _ticks(axis: Axis) -> Ticks:
    values: Iterable[Any] = axis.listed
    if not values or (scales.is_numeric(axis) and len(axis.listed) > MOST_NAMES):
        values = _round_numbers(axis)
    values = list(values)
    step = 1 if scales.is_numeric(axis) else -(-len(values) // MOST_NAMES)
    return _apart([(place, shown_value(v)) for v, place in zip(values, fraction(axis, values), strict=True)][::step])


def _round_numbers(axis: Axis) -> list[float]:
    from matplotlib.ticker import LogLocator, MaxNLocator

    low, high = ends(axis)
    locator = LogLocator() if scales.is_logarithmic(axis) else MaxNLocator(6)
    ticks = np.asarray(locator.tick_values(low, high))
    inside = [float(value) for value in ticks if low <= value * (1 + 1e-9) and value <= high * (1 + 1e-9)]
    return inside if len(inside) >= 2 else [low, high]


def _metric_ticks(metric: Metric, norm: Normalize) -> Ticks:
    from matplotlib.ticker import LogLocator, MaxNLocator

    low, high = float(norm.vmin or 0), float(norm.vmax or 0)
    locator = LogLocator() if metric.log else MaxNLocator(6)
    return _apart([(float(norm(v)), f"{v:g}") for v in locator.tick_values(low, high) if low <= v <= high])


def _apart(ticks: Ticks) -> Ticks:
    """Leave out what would be written over its neighbour."""
    kept: Ticks = []
    for tick in sorted(ticks):
        if not kept or tick[0] - kept[-1][0] > CLOSEST:
            kept.append(tick)
    return kept

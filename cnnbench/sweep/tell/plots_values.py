"""Metric against each swept value: what can be said of one key depends on how the others were tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.axis_tables import common_seeds, marginal
from cnnbench.sweep.tell.plots_axes import (
    COLORS,
    FAINT,
    MARKERS,
    Metric,
    done_trials,
    graded,
    lay_out_metric,
    lay_out_values,
    metric_of,
    spread,
)
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import shown_value
from cnnbench.text import label
from cnnbench.views.style import GREY, ORANGE, RED, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

MOST_LINES = 6  # values of the other key that get a line each


@styled
def against(results: SweepResults, axis: Axis) -> Figure:
    """Draw every objective against the values of one key.

    One key: each trial's mean with its interval. A full grid: a line for each value of the other key, or the mean
    over the others. Anything else: every trial as a point, and the best of each listed value; no mean over the other
    keys, which were not tried alike with every value.
    """
    done = done_trials(results)
    objectives = results.sweep.objectives
    figure = new_figure(8, 0.8 + 3.6 * len(objectives))
    panels = figure.subplots(len(objectives), 1, sharex=True, squeeze=False)[:, 0]
    for axes, objective in zip(panels, objectives, strict=True):
        metric = metric_of(objective, done)
        lay_out_metric(axes, metric)
        _panel(axes, results, axis, metric, done)
        within(axes, y=metric.possible)
    lay_out_values(panels[-1], axis, axis.path)
    for axes in panels[:-1]:
        axes.set_xlabel("")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3)
    return figure


def _panel(axes: Axes, results: SweepResults, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    others = [one for one in results.sweep.space if one.path != axis.path]
    if not others:
        _each_trial(axes, axis, metric, done)
    elif not (scales.is_full_grid(results) and common_seeds(done)):
        _all_trials(axes, axis, metric, done)
        _best_of_each(axes, axis, metric, done)
    elif len(others) == 1 and len(others[0].listed) <= MOST_LINES:
        _line_each(axes, axis, others[0], metric, done)
    else:
        _points(axes, axis, metric, done, color=FAINT, label="trial")
        _mean_over_others(axes, axis, metric, done)


def _each_trial(axes: Axes, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    seeds = [(one, run.values[metric.key]) for one in done for run in one.trial.runs if run.state == "done"]
    if len(seeds) > len(done):
        x = [_place(axis, one) for one, _ in seeds]
        axes.scatter(x, [metric.factor * value for _, value in seeds], s=14, color=FAINT, label="one seed", zorder=2)
    style = "-" if axis.listed and scales.is_numeric(axis) else "none"
    _bars(axes, axis, metric, done, COLORS[0], MARKERS[0], "mean, 95 % interval over seeds", style)


def _line_each(axes: Axes, axis: Axis, other: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    key = label(other.path.rsplit(".", 1)[-1], 24)
    found = zip(other.listed, _by_value(other, done), COLORS, MARKERS, strict=False)
    for number, (value, trials, color, marker) in enumerate(found):
        beside = 0.0 if scales.is_numeric(axis) else 0.06 * (number - (len(other.listed) - 1) / 2)
        name = f"{key} {label(shown_value(value), 16)}"
        _bars(axes, axis, metric, trials, color, marker, name, _line(axis), beside)


def _mean_over_others(axes: Axes, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    name = "mean over the other keys (full grid), 95 % interval over seeds"
    style: dict[str, Any] = {"color": COLORS[0], "marker": MARKERS[0], "capsize": 3, "zorder": 4}
    means = [marginal(found, metric.key) for found in _by_value(axis, done)]
    middle = metric.factor * np.array([mean.mean for mean in means])
    intervals = metric.factor * np.array([mean.interval or (mean.mean, mean.mean) for mean in means])
    reach = np.abs(intervals.T - middle)
    x = [scales.place(axis, value) for value in axis.listed]
    axes.errorbar(x, middle, yerr=reach if reach.any() else None, linestyle=_line(axis), label=name, **style)


def _by_value(axis: Axis, done: Sequence[Ranked]) -> list[list[Ranked]]:
    """Return the trials with each listed value."""
    places = [scales.index(axis, one.trial.values[axis.path]) for one in done]
    numbers = range(len(axis.listed))
    return [[one for one, place in zip(done, places, strict=True) if place == number] for number in numbers]


def _line(axis: Axis) -> str:
    """Return how points along an axis are joined: between categories there is nothing."""
    return "-" if scales.is_numeric(axis) else ":"


def _all_trials(axes: Axes, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    """Draw trials the darker the later, so that what the search turned to shows."""
    numbers = [one.trial.number for one in done]
    points = _points(axes, axis, metric, done, c=numbers, cmap=graded(), label="trial, later ones darker")
    if len(set(numbers)) > 1:
        axes.figure.colorbar(points, ax=axes, label="number of the trial", pad=0.02)
    star: dict[str, Any] = {"s": 190, "marker": "*", "color": ORANGE, "edgecolors": "black", "zorder": 5}
    best = (max if metric.maximize else min)(done, key=metric.of)
    _points(axes, axis, metric, [best], **star, label="best trial")


def _best_of_each(axes: Axes, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    choose = max if metric.maximize else min
    best = [choose(found, key=metric.of) for found in _by_value(axis, done) if found] if axis.listed else []
    if best:
        _bars(axes, axis, metric, best, RED, "_", "best with the value, 95 % interval over seeds", "none")


def _points(axes: Axes, axis: Axis, metric: Metric, shown: Sequence[Ranked], **style: Any) -> PathCollection:
    apart = not scales.is_numeric(axis)
    x = [_place(axis, one) + apart * spread(one.trial.number) for one in shown]
    size: dict[str, Any] = {"s": 26 if len(shown) <= 100 else 14, "edgecolors": GREY, "linewidths": 0.3, "zorder": 3}
    return axes.scatter(x, [metric.of(one) for one in shown], **{**size, **style})


def _bars(
    axes: Axes,
    axis: Axis,
    metric: Metric,
    shown: Sequence[Ranked],
    color: str,
    marker: str,
    name: str,
    line: str,
    beside: float = 0.0,
) -> None:
    """Draw means with their intervals, `beside` their place so that categories do not hide each other."""
    ordered = sorted(shown, key=lambda one: _place(axis, one))
    reach = np.array([metric.bar(one) for one in ordered]).T
    bars = reach if reach.any() else None  # single runs have no interval
    x, y = [_place(axis, one) + beside for one in ordered], [metric.of(one) for one in ordered]
    name = name if bars is not None else name.split(", 95")[0]
    style: dict[str, Any] = {"capsize": 3, "markersize": 14 if marker == "_" else 6, "zorder": 4}
    axes.errorbar(x, y, yerr=bars, color=color, marker=marker, linestyle=line, label=name, **style)


def _place(axis: Axis, one: Ranked) -> float:
    return scales.place(axis, one.trial.values[axis.path])

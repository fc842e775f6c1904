"""Metric against each swept value: what can be said of one key depends on how the others were tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales, turns
from cnnbench.sweep.tell.axis_tables import common_seeds, marginal
from cnnbench.sweep.tell.plots_axes import (
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
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import COLORS, FAINT, GREY, INK, MARKERS, ORANGE, RED, explained, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 6  # values of the other key that get a line each


def against(results: SweepResults, axis: Axis) -> list[Panel]:
    """Return a panel for each objective against the values of one key.

    One key, or one in its turn: each trial's mean with its interval. A full grid: a line for each value of the other
    key, or the mean over the others. Anything else: every trial as a point, and the best of each listed value; no mean
    over the other keys, which were not tried alike with every value.
    """
    done = done_trials(results)
    return [_panel(results, axis, metric_of(objective, done), done) for objective in results.sweep.objectives]


def _panel(results: SweepResults, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> Panel:
    def draw(axes: Axes) -> None:
        lay_out_metric(axes, metric)
        _fill(axes, results, axis, metric, done)
        within(axes, y=metric.possible)
        lay_out_values(axes, axis, axis.path)
        lines = 2 if len(axes.get_legend_handles_labels()[1]) > 3 else 1
        explained(axes, metric.name, lines)

    return Panel(draw, PHONE, 3.0)


def _fill(axes: Axes, results: SweepResults, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    others = [one for one in results.sweep.space if one.path != axis.path]
    if results.sweep.search.in_turn:
        factors = [factor for factor in turns.turns(results) if factor.axis.path == axis.path]
        _each_trial(axes, axis, metric, [one for f in factors for one in turns.standing(results, f) if one])
    elif not others:
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
    name = "mean over the other keys, 95 % interval"
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
    colors = graded(number / max(*numbers, 1) for number in numbers)
    _points(axes, axis, metric, done, c=colors, label="trial, later ones darker")
    star: dict[str, Any] = {"s": 120, "marker": "*", "color": ORANGE, "edgecolors": INK, "zorder": 5}
    best = (max if metric.maximize else min)(done, key=metric.of)
    _points(axes, axis, metric, [best], **star, label="best trial")


def _best_of_each(axes: Axes, axis: Axis, metric: Metric, done: Sequence[Ranked]) -> None:
    choose = max if metric.maximize else min
    best = [choose(found, key=metric.of) for found in _by_value(axis, done) if found] if axis.listed else []
    if best:
        _bars(axes, axis, metric, best, RED, "_", "best with the value, 95 % interval", "none")


def _points(axes: Axes, axis: Axis, metric: Metric, shown: Sequence[Ranked], **style: Any) -> None:
    apart = not scales.is_numeric(axis)
    x = [_place(axis, one) + apart * spread(one.trial.number) for one in shown]
    size: dict[str, Any] = {"s": 18 if len(shown) <= 100 else 10, "edgecolors": GREY, "linewidths": 0.3, "zorder": 3}
    axes.scatter(x, [metric.of(one) for one in shown], **{**size, **style})


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
    style: dict[str, Any] = {"capsize": 3, "markersize": 12 if marker == "_" else 4.5, "zorder": 4}
    axes.errorbar(x, y, yerr=bars, color=color, marker=marker, linestyle=line, label=name, **style)


def _place(axis: Axis, one: Ranked) -> float:
    return scales.place(axis, one.trial.values[axis.path])

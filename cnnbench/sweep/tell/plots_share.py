"""What the search says as a whole: which keys matter, and which trials nothing beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.plots_axes import FAINT, Metric, done_trials, lay_out_metric, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import short_names
from cnnbench.text import label
from cnnbench.views.style import BLUE, RED, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMES = 12  # trials of the front named by number


@styled
def importances(results: SweepResults) -> Figure:
    """Draw for each objective what share of the variance between trials each key explains by Optuna's fANOVA."""
    shown = {metric: shares for metric, shares in results.importances.items() if shares}
    most = max(map(len, shown.values()))
    figure = new_figure(8, 0.7 + len(shown) * (0.6 + 0.3 * most))
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    names = short_names([axis.path for axis in results.sweep.space])
    for axes, (metric, shares) in zip(panels, shown.items(), strict=True):
        ordered = sorted(shares.items(), key=lambda item: item[1])
        bars = axes.barh([label(names[path], 30) for path, _ in ordered], [100 * s for _, s in ordered], color=BLUE)
        axes.bar_label(bars, fmt="%.0f", padding=4)
        axes.set_title(label(metric, 40))
        axes.set_xlim(0, 105)
        axes.grid(axis="y", visible=False)
    panels[-1].set_xlabel("share of the variance explained, in per cent (Optuna's fANOVA)")
    return figure


@styled
def pareto_front(results: SweepResults) -> Figure:
    """Draw two objectives against each other, the trials that no other one beats in red on a line of steps."""
    done = done_trials(results)
    one, other = (metric_of(objective, done) for objective in results.sweep.objectives)
    figure = new_figure(7, 5)
    axes = figure.subplots()
    lay_out_metric(axes, one, "x")
    lay_out_metric(axes, other)
    front = sorted((trial for trial in done if trial.rank == 1), key=one.of)
    behind = [trial for trial in done if trial.rank != 1]
    axes.scatter(*_coordinates(behind, one, other), s=24, color=FAINT, label="beaten", zorder=2)
    x, y = _coordinates(front, one, other)
    # between two trials of the front the worse value of one objective is what is surely had
    axes.step(x, y, where="pre" if one.maximize else "post", color=RED, linewidth=1.2, zorder=3)
    reach = [np.array([metric.bar(trial) for trial in front]).T for metric in (one, other)]
    bars: dict[str, Any] = {f"{side}err": bar for side, bar in zip("xy", reach, strict=True) if bar.any()}
    name = "Pareto front" + (", 95 % intervals over seeds" if bars else "")
    axes.errorbar(x, y, fmt="o", color=RED, capsize=2, elinewidth=0.8, label=name, zorder=4, **bars)
    _name_front(axes, front, one, other)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _coordinates(shown: Sequence[Ranked], one: Metric, other: Metric) -> tuple[list[float], list[float]]:
    return [one.of(trial) for trial in shown], [other.of(trial) for trial in shown]


def _name_front(axes: Axes, front: Sequence[Ranked], one: Metric, other: Metric) -> None:
    for trial in front if len(front) <= MOST_NAMES else ():
        place = (one.of(trial), other.of(trial))
        axes.annotate(str(trial.trial.number), place, xytext=(5, 5), textcoords="offset points", fontsize=8)

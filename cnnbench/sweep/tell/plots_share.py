"""What the search says as a whole: which keys matter, and which trials nothing beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.plots_axes import Metric, done_trials, lay_out_metric, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import short_names
from cnnbench.text import label
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import BLUE, FAINT, RED, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMES = 12  # trials of the front named by number


def importances(results: SweepResults) -> list[Panel]:
    """Return a panel for each objective: the share of the variance between trials each key explains, by fANOVA."""
    names = short_names([axis.path for axis in results.sweep.space])
    return [_importance(metric, shares, names) for metric, shares in results.importances.items() if shares]


def pareto_front(results: SweepResults) -> Panel:
    """Return a panel of two objectives, the trials that no other one beats in red on a line of steps."""
    done = done_trials(results)
    one, other = (metric_of(objective, done) for objective in results.sweep.objectives)
    front = sorted((trial for trial in done if trial.rank == 1), key=one.of)
    behind = [trial for trial in done if trial.rank != 1]

    def draw(axes: Axes) -> None:
        lay_out_metric(axes, one, "x")
        lay_out_metric(axes, other)
        axes.scatter(*_coordinates(behind, one, other), s=18, color=FAINT, label="beaten", zorder=2)
        x, y = _coordinates(front, one, other)
        # between two trials of the front the worse value of one objective is what is surely had
        axes.step(x, y, where="pre" if one.maximize else "post", color=RED, linewidth=1.2, zorder=3)
        reach = [np.array([metric.bar(trial) for trial in front]).T for metric in (one, other)]
        bars: dict[str, Any] = {f"{side}err": bar for side, bar in zip("xy", reach, strict=True) if bar.any()}
        name = "Pareto front" + (", 95 % intervals over seeds" if bars else "")
        axes.errorbar(x, y, fmt="o", color=RED, capsize=2, elinewidth=0.8, label=name, zorder=4, **bars)
        _name_front(axes, front, one, other)
        explained(axes, "Pareto front", 1)

    return Panel(draw, PHONE, 3.2)


def _importance(metric: str, shares: Mapping[str, float], names: Mapping[str, str]) -> Panel:
    ordered = sorted(shares.items(), key=lambda item: item[1])

    def draw(axes: Axes) -> None:
        bars = axes.barh([label(names[path], 24) for path, _ in ordered], [100 * s for _, s in ordered], color=BLUE)
        axes.bar_label(bars, fmt="%.0f", padding=4, fontsize=8.5)
        axes.set(xlim=(0, 112), xlabel="% of variance (Optuna's fANOVA)")
        axes.grid(axis="y", visible=False)
        explained(axes, label(metric, 36))

    return Panel(draw, PHONE, 0.9 + 0.25 * len(ordered))


def _coordinates(shown: Sequence[Ranked], one: Metric, other: Metric) -> tuple[list[float], list[float]]:
    return [one.of(trial) for trial in shown], [other.of(trial) for trial in shown]


def _name_front(axes: Axes, front: Sequence[Ranked], one: Metric, other: Metric) -> None:
    for trial in front if len(front) <= MOST_NAMES else ():
        place = (one.of(trial), other.of(trial))
        axes.annotate(str(trial.trial.number), place, xytext=(4, 4), textcoords="offset points", fontsize=8)

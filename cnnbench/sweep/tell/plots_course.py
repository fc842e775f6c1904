"""How a sweep went: curves of its trials, best value so far, and what became of the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnbench.catalogue.measures import measure
from cnnbench.errors import DataError
from cnnbench.runs.run import Run
from cnnbench.sweep.run.trials import SeedRun, SweepResults, Trial
from cnnbench.sweep.tell.plots_axes import FAINT, Metric, done_trials, lay_out_metric, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import plural
from cnnbench.views.style import BLUE, ORANGE, RED, new_figure, styled, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

History = Sequence[Mapping[str, float]]

STATE_COLORS = {
    "done": BLUE,
    "pruned": ORANGE,
    "failed": RED,
    "running": "#56B4E9",
    "stopped": "#999999",
    "waiting": "#DDDDDD",
}
SHOWN_COLUMNS = ("val_accuracy", "val_loss")  # where the objective itself has no curve


@dataclass(frozen=True)
class Histories:
    """The column of history.csv that is drawn, the first training of each trial that has it, and all of the best's."""

    column: str
    first: Sequence[tuple[Trial, History]]
    best: Sequence[History]


def read_histories(results: SweepResults) -> Histories | None:
    """Read the run folders; None where none holds a validation curve."""
    first = [(trial, history) for trial in results.trials if (history := _history(trial.runs[:1]))]
    present = {column for _, history in first for row in history for column in row}
    wanted = [*(objective.metric for objective in results.sweep.objectives), *SHOWN_COLUMNS]
    column = next((column for column in wanted if column in present), None)
    if column is None:
        return None
    done = done_trials(results)
    best = [history for run in (done[0].trial.runs if done else ()) if (history := _history([run]))]
    return Histories(column, first, best)


@styled
def curves(found: Histories) -> Figure:
    """Draw the validation curve of every trial's first training and, in dark, of every training of the best.

    Curves of pruned and failed trainings end with a cross.
    """
    figure = new_figure(8, 4.6)
    axes = figure.subplots()
    for state, color in (
        ("done", "#9CCBE8"),
        ("running", "#56B4E9"),
        ("stopped", "#999999"),
        ("failed", RED),
        ("pruned", ORANGE),
    ):
        _curves_of(axes, [h for trial, h in found.first if trial.state == state], found.column, state, color)
    for number, history in enumerate(found.best):
        name = "best trial, each seed" if number == 0 else None
        _curve(axes, history, found.column, color="#003A5C", linewidth=2, zorder=4, label=name)
    _scale(axes, found)
    axes.set_title(f"First training of {plural(len(found.first), 'trial')}")
    figure.legend(loc="outside upper center", ncols=5)
    return figure


@styled
def best_so_far(results: SweepResults) -> Figure:
    """Draw the best value after each finished trial, against trials and against time since the first began."""
    from matplotlib.ticker import MaxNLocator

    done = sorted(done_trials(results), key=_ended)
    objectives = results.sweep.objectives
    figure = new_figure(9, 0.6 + 3.2 * len(objectives))
    panels = figure.subplots(len(objectives), 2, sharey="row", squeeze=False)
    seconds = [_ended(one) - _began(results) for one in done]
    unit, name = (3600, "hours") if max(seconds) >= 7200 else (60, "minutes") if max(seconds) >= 120 else (1, "seconds")
    for (by_number, by_time), objective in zip(panels, objectives, strict=True):
        metric = metric_of(objective, done)
        _steps(by_number, list(range(1, len(done) + 1)), done, metric)
        _steps(by_time, [second / unit for second in seconds], done, metric)
        lay_out_metric(by_number, metric)
        within(by_number, y=metric.possible)
        by_number.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
    panels[-1, 0].set_xlabel("finished trials")
    panels[-1, 1].set_xlabel(f"{name} since the first trial began, pauses included")
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


@styled
def states(results: SweepResults) -> Figure:
    """Draw how many trials are done, pruned, failed, running and waiting."""
    from matplotlib.ticker import MaxNLocator

    counts = {state: sum(trial.state == state for trial in results.trials) for state in STATE_COLORS}
    shown = {state: count for state, count in counts.items() if count}
    figure = new_figure(8, 0.9 + 0.32 * len(shown))
    axes = figure.subplots()
    bars = axes.barh(list(shown), list(shown.values()), color=[STATE_COLORS[state] for state in shown])
    axes.bar_label(bars, padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.set_xlabel("trials")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
    axes.grid(axis="y", visible=False)
    return figure


def _steps(axes: Axes, x: Sequence[float], done: Sequence[Ranked], metric: Metric) -> None:
    values = [metric.of(one) for one in done]
    best = (np.maximum if metric.maximize else np.minimum).accumulate(values)
    axes.scatter(x, values, s=22 if len(done) <= 100 else 10, color=FAINT, label="trial", zorder=2)
    axes.step(x, best, where="post", color=BLUE, linewidth=2, label="best so far", zorder=3)


def _began(results: SweepResults) -> float:
    return min(trial.started for trial in results.trials if trial.started is not None)


def _ended(one: Ranked) -> float:
    return one.trial.ended or 0.0


def _history(runs: Sequence[SeedRun]) -> History:
    """Return the history of the first of these runs, empty where there is none to read.

    A running trial writes its history while the plot is drawn, and one broken file is no reason to lose the others.
    """
    path = runs[0].path if runs else None
    if path is None:
        return []
    try:
        return Run(Path(path)).history
    except DataError:
        return []


def _curves_of(axes: Axes, histories: Sequence[History], column: str, state: str, color: str) -> None:
    style: dict[str, Any] = {"color": color, "alpha": 0.9 if len(histories) <= 40 else 0.5, "zorder": 2}
    cut_short = state in ("pruned", "failed")
    if histories:
        axes.plot([], [], color=color, marker="x" if cut_short else None, label=state)
    for history in histories:
        _curve(axes, history, column, linewidth=1, marker="." if len(history) == 1 else None, **style)
    if cut_short:
        last = [(h[-1]["epoch"], _factor(column) * h[-1][column]) for h in histories if column in h[-1]]
        axes.plot([x for x, _ in last], [y for _, y in last], linestyle="none", marker="x", color=color, zorder=3)


def _curve(axes: Axes, history: History, column: str, **style: Any) -> None:
    rows = [row for row in history if column in row]
    axes.plot([row["epoch"] for row in rows], [_factor(column) * row[column] for row in rows], **style)


def _factor(column: str) -> int:
    return 100 if measure(column).is_share else 1


def _scale(axes: Axes, found: Histories) -> None:
    """Name the axes; what spans two decades, such as the losses of trials that diverge, gets a logarithmic scale."""
    from matplotlib.ticker import MaxNLocator

    column, rows = found.column, [row for _, history in found.first for row in history]
    finite = [row[column] for row in rows if np.isfinite(row.get(column, np.nan))]
    wide = not measure(column).is_share and bool(finite) and 0 < 100 * min(finite) <= max(finite)
    metric = Metric(column, column + (" (%)" if measure(column).is_share else ""), 1, wide, True)
    lay_out_metric(axes, metric)
    within(axes, y=metric.possible)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))

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
from cnnbench.sweep.tell.plots_axes import Metric, done_trials, lay_out_metric, metric_of
from cnnbench.sweep.tell.ranking import Ranked
from cnnbench.sweep.tell.wording import plural
from cnnbench.views.figure import PHONE, Panel
from cnnbench.views.style import BLUE, FAINT, GREY, INK, ORANGE, PINK, RED, SKY, explained, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

History = Sequence[Mapping[str, float]]

STATE_COLORS = {
    "done": BLUE,
    "pruned": ORANGE,
    "failed": RED,
    "running": PINK,
    "stopped": GREY,
    "waiting": FAINT,
}
CURVES = {"done": SKY, "running": PINK, "stopped": GREY, "failed": RED, "pruned": ORANGE}
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


def curves(found: Histories) -> Panel:
    """Return a panel of the validation curve of each trial's first training and, in ink, of every training of the best.

    Curves of pruned and failed trainings end with a cross.
    """

    def draw(axes: Axes) -> None:
        for state, color in CURVES.items():
            _curves_of(axes, [one for one in found.first if one[0].state == state], found.column, state, color)
        for number, history in enumerate(found.best):
            name = "best trial" if number == 0 else f"_best trial, training {number + 1}"
            _curve(axes, history, found.column, color=INK, linewidth=1.8, zorder=4, label=name, gid="best trial")
        _scale(axes, found)
        explained(axes, f"First training of {plural(len(found.first), 'trial')}", 3)

    return Panel(draw, PHONE, 2.8)


def best_so_far(results: SweepResults) -> list[Panel]:
    """Return panels of the best value after each finished trial, against trials and against time since the first."""
    done = sorted(done_trials(results), key=_ended)
    seconds = [_ended(one) - _began(results) for one in done]
    unit, name = (3600, "hours") if max(seconds) >= 7200 else (60, "minutes") if max(seconds) >= 120 else (1, "seconds")
    numbers, times = list(range(1, len(done) + 1)), [second / unit for second in seconds]
    metrics = [metric_of(objective, done) for objective in results.sweep.objectives]
    since = f"{name} since the first trial began"
    return [
        panel
        for metric in metrics
        for panel in (
            _steps(numbers, done, metric, "finished trials"),
            _steps(times, done, metric, since),
        )
    ]


def states(results: SweepResults) -> Panel:
    """Return a panel of how many trials are done, pruned, failed, running and waiting."""
    counts = {state: sum(trial.state == state for trial in results.trials) for state in STATE_COLORS}
    shown = {state: count for state, count in counts.items() if count}

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        bars = axes.barh(list(shown), list(shown.values()), color=[STATE_COLORS[state] for state in shown])
        axes.bar_label(bars, padding=4, fontsize=8.5)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_xlabel("trials")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axes.grid(axis="y", visible=False)
        explained(axes, "Trials by state")

    return Panel(draw, PHONE, 1.0 + 0.25 * len(shown))


def _steps(x: Sequence[float], done: Sequence[Ranked], metric: Metric, name: str) -> Panel:
    values = [metric.of(one) for one in done]
    best = (np.maximum if metric.maximize else np.minimum).accumulate(values)

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.scatter(x, values, s=16 if len(done) <= 100 else 8, color=FAINT, label="trial", zorder=2)
        axes.step(x, best, where="post", color=BLUE, linewidth=2, label="best so far", zorder=3)
        lay_out_metric(axes, metric)
        within(axes, y=metric.possible)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=all(isinstance(one, int) for one in x)))
        axes.set_xlabel(name)
        explained(axes, metric.name)

    return Panel(draw)


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


def _curves_of(axes: Axes, found: Sequence[tuple[Trial, History]], column: str, state: str, color: str) -> None:
    style: dict[str, Any] = {"color": color, "alpha": 0.9 if len(found) <= 40 else 0.5, "zorder": 2, "gid": state}
    cut_short = state in ("pruned", "failed")
    if found:
        axes.plot([], [], color=color, marker="x" if cut_short else None, label=state)
    for trial, history in found:
        dot, name = "." if len(history) == 1 else None, f"_trial {trial.number}"
        _curve(axes, history, column, linewidth=1, marker=dot, label=name, **style)
    if cut_short:
        last = [(h[-1]["epoch"], _factor(column) * h[-1][column]) for _, h in found if column in h[-1]]
        style = {"linestyle": "none", "marker": "x", "color": color, "zorder": 3, "gid": state}
        axes.plot([x for x, _ in last], [y for _, y in last], **style)


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

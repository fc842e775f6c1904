"""Which plots a sweep has, one row each: kind, caption, and what makes its panels of the results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import plots_course, plots_grid, plots_measures, plots_parallel, plots_share, plots_values
from cnnbench.sweep.tell.plots_axes import done_trials
from cnnbench.views.figure import Figure, Panel

Found = Iterator[tuple[str, Sequence[Panel]]]  # the key or metric a plot is about, and its panels


@dataclass(frozen=True)
class Plot:
    """A kind of plot; `found` makes as many of it as the results are enough for."""

    kind: str
    caption: str
    found: Callable[[SweepResults], Found]


def figures(results: SweepResults) -> Iterator[Figure]:
    """Yield every plot the results are enough for."""
    for plot in PLOTS:
        for which, panels in plot.found(results):
            yield Figure(name_of(plot.kind, which) if which else plot.kind, plot.caption, panels)


def kind(name: str) -> str:
    """Return the kind that a plot's name begins with."""
    return name.partition("-")[0]


def name_of(kind: str, which: str) -> str:
    """Return the name of one of several plots of a kind."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9._]+', '_', which)}"


def _against(results: SweepResults) -> Found:
    for axis in results.sweep.space if done_trials(results) else ():
        yield axis.path, plots_values.against(results, axis)


def _measures(results: SweepResults) -> Found:
    for axis in results.sweep.space if done_trials(results) else ():
        if panels := plots_measures.four(results, axis.path):
            yield axis.path, panels


def _heat_map(results: SweepResults) -> Found:
    for objective in results.sweep.objectives if done_trials(results) and plots_grid.has_heat_map(results) else ():
        yield objective.metric, [plots_grid.heat_map(results, objective)]


def _parallel_coordinates(results: SweepResults) -> Found:
    for objective in results.sweep.objectives if done_trials(results) and len(results.sweep.space) > 1 else ():
        yield objective.metric, [plots_parallel.parallel_coordinates(results, objective)]


def _importances(results: SweepResults) -> Found:
    if any(results.importances.values()) and len(results.sweep.space) > 1 and done_trials(results):
        yield "", plots_share.importances(results)


def _pareto_front(results: SweepResults) -> Found:
    if len(results.sweep.objectives) == 2 and done_trials(results):
        yield "", [plots_share.pareto_front(results)]


def _best_so_far(results: SweepResults) -> Found:
    if len(done_trials(results)) > 1:
        yield "", plots_course.best_so_far(results)


def _curves(results: SweepResults) -> Found:
    if (histories := plots_course.read_histories(results)) is not None:
        yield "", [plots_course.curves(histories)]


def _states(results: SweepResults) -> Found:
    if len({trial.state for trial in results.trials}) > 1:
        yield "", [plots_course.states(results)]


PLOTS = (
    Plot("against", "What each value of one swept key gave", _against),
    Plot(
        "measures",
        "Accuracy and macro averages of precision, recall and F1 for each value, with 95 % intervals over seeds",
        _measures,
    ),
    Plot(
        "heat_map",
        "The mean of every combination, the better the darker; cells that are not done say what became of them",
        _heat_map,
    ),
    Plot("parallel_coordinates", "Every trial as a line across the swept keys", _parallel_coordinates),
    Plot(
        "importances",
        "How much of the differences between trials each key explains, as Optuna's fANOVA estimates it",
        _importances,
    ),
    Plot("pareto_front", "Trials that no other one beats in both objectives, with their numbers", _pareto_front),
    Plot("best_so_far", "The best value found after each trial; time with pauses", _best_so_far),
    Plot("curves", "Validation curves of the trials; those of pruned and failed ones end with a cross", _curves),
    Plot("states", "What became of the trials", _states),
)
KINDS = tuple(plot.kind for plot in PLOTS)

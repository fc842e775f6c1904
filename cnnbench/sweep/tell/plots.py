"""Which plots a sweep has: each name of `plots/<name>.png` with its figure and what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import plots_course, plots_grid, plots_parallel, plots_share, plots_values
from cnnbench.sweep.tell.plots_axes import done_trials

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTIONS = {
    "against": "What each value of one swept key gave",
    "heat_map": "The mean of every combination; cells that are not done say what became of them",
    "parallel_coordinates": "Every trial as a line across the swept keys",
    "importances": "How much of the differences between trials each key explains, as Optuna's fANOVA estimates it",
    "curves": "Validation curves of the trials; those of pruned and failed ones end with a cross",
    "best_so_far": "The best value found after each trial",
    "pareto_front": "Trials that no other one beats in both objectives, with their numbers",
    "states": "What became of the trials",
}


def draw(results: SweepResults) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of every plot the results are enough for.

    Names are a key of `CAPTIONS`, followed by "-" and a swept key or a metric where there are several of a kind.
    """
    if any(trial.state == "done" for trial in results.trials):
        yield from _of_finished(results)
    if (histories := plots_course.read_histories(results)) is not None:
        yield "curves", plots_course.curves(histories)
    if len({trial.state for trial in results.trials}) > 1:
        yield "states", plots_course.states(results)


def _of_finished(results: SweepResults) -> Iterator[tuple[str, Figure]]:
    space, objectives = results.sweep.space, results.sweep.objectives
    for axis in space:
        yield name_of("against", axis.path), plots_values.against(results, axis)
    for objective in objectives:
        if plots_grid.has_heat_map(results):
            yield name_of("heat_map", objective.metric), plots_grid.heat_map(results, objective)
        if len(space) > 1:
            figure = plots_parallel.parallel_coordinates(results, objective)
            yield name_of("parallel_coordinates", objective.metric), figure
    if any(results.importances.values()) and len(space) > 1:
        yield "importances", plots_share.importances(results)
    if len(objectives) == 2:
        yield "pareto_front", plots_share.pareto_front(results)
    if len(done_trials(results)) > 1:
        yield "best_so_far", plots_course.best_so_far(results)


def kind(name: str) -> str:
    """Return the key of `CAPTIONS` that a plot's name begins with."""
    return name.partition("-")[0]


def name_of(kind: str, which: str) -> str:
    """Return the name of one of several plots of a kind."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9._]+', '_', which)}"

"""Every trial in the order of its rank: `leaderboard.csv`, and the same as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnnbench.files.whole import write_csv
from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import Mean
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import NAME_LIMIT, short_names, shown_interval, shown_metric, shown_value
from cnnbench.text import duration, fixed, label, printable
from cnnbench.views.layout import aligned

REASON_LIMIT = 60
OF_A_MEAN = ("", "_std", "_low", "_high")


def write_leaderboard(folder: SweepDir, results: SweepResults) -> None:
    """Write `leaderboard.csv`.

    Its columns: rank, trial, point, state; for each objective mean, standard deviation and t interval over the seeds;
    runs (trainings that are done); the value on every axis; test_accuracy (mean, not ranked by); epochs and seconds
    (means over the trainings); reason. What a trial has not is empty.
    """
    metrics = [objective.metric for objective in results.sweep.objectives]
    paths = [axis.path for axis in results.sweep.space]
    header = ["rank", "trial", "point", "state", *(metric + end for metric in metrics for end in OF_A_MEAN)]
    header += ["runs", *paths, "test_accuracy", "epochs", "seconds", "reason"]
    write_csv(folder.leaderboard, header, (_row(one, metrics, paths) for one in ranked(results)))


def leaderboard_table(results: SweepResults, limit: int | None = None, room: int | None = None) -> str:
    """Return the first `limit` trials as lines under a header: mean, interval, swept values, state and reason.

    Into `room` columns of a terminal they are made to fit.
    """
    metrics = [objective.metric for objective in results.sweep.objectives]
    names = short_names([axis.path for axis in results.sweep.space])
    header = ["rank", "trial", *(text for metric in metrics for text in (metric, "95 % interval"))]
    header += [*(label(name, NAME_LIMIT) for name in names.values()), "epochs run", "time", "state", "reason"]
    shown = ranked(results)[:limit]
    numbers = range(len(header) - 2)  # all but state and reason
    rows = [header, *(_line(one, metrics, names) for one in shown)]
    at = len(metrics) * 2 + 2  # of the first swept value
    intervals, costs = range(3, at, 2), range(at + len(names), len(header) - 2)
    swept = range(at, at + len(names))
    least = [*costs, *intervals, *reversed(swept[1:]), 0]
    return aligned(rows, numbers, room, least, fold=(*swept, len(header) - 1))


def _row(one: Ranked, metrics: Iterable[str], paths: Iterable[str]) -> list[Any]:
    trial, tested = one.trial, one.test_accuracy
    measured = [cell for metric in metrics for cell in _of_a_mean(one.means.get(metric))]
    values = [trial.values[path] for path in paths]
    swept = [value if isinstance(value, float) else shown_value(value) for value in values]  # floats with every digit
    costs = [tested.mean if tested else None, one.epochs, one.seconds]
    return [
        one.rank,
        trial.number,
        trial.point,
        trial.state,
        *measured,
        one.runs,
        *swept,
        *costs,
        _one_line(trial.reason),
    ]


def _of_a_mean(mean: Mean | None) -> tuple[float | None, ...]:
    """Return mean, standard deviation and the ends of the interval, None for what is not there."""
    if mean is None:
        return (None,) * len(OF_A_MEAN)
    return (mean.mean, mean.std, *(mean.interval or (None, None)))


def _line(one: Ranked, metrics: Iterable[str], names: Mapping[str, str]) -> list[str]:
    cells = [str(one.rank or ""), str(one.trial.number)]
    for metric in metrics:
        mean = one.means.get(metric)
        cells += [shown_metric(metric, mean.mean), shown_interval(metric, mean)] if mean else ["", ""]
    cells += [label(shown_value(one.trial.values[path]), NAME_LIMIT) for path in names]
    cells += ["" if one.epochs is None else fixed(one.epochs, 0 if one.epochs.is_integer() else 1)]
    cells += ["" if one.seconds is None else duration(one.seconds), one.trial.state]
    return [*cells, label(_one_line(one.trial.reason), REASON_LIMIT)]


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))

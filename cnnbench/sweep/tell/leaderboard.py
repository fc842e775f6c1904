"""Every trial in the order of its rank, as `leaderboard.csv` has it and as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnnbench.catalogue.measures import COMPUTED
from cnnbench.runs.leaderboard import Leaderboard, Standing
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import NAME_LIMIT, short_names, shown_interval, shown_metric, shown_value
from cnnbench.text import duration, fixed, label, printable
from cnnbench.views.layout import aligned

REASON_LIMIT = 60


def leaderboard(results: SweepResults) -> Leaderboard:
    """Return what `leaderboard.csv` says of the trials."""
    metrics = [objective.metric for objective in results.sweep.objectives]
    axes = [axis.path for axis in results.sweep.space]
    return Leaderboard(metrics, axes, [_standing(one) for one in ranked(results)])


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


def _standing(one: Ranked) -> Standing:
    trial = one.trial
    return Standing(
        rank=one.rank,
        trial=trial.number,
        point=trial.point,
        state=trial.state,
        runs=one.runs,
        values={path: _cell(value) for path, value in trial.values.items()},
        means={metric: (mean.mean, mean.std, *(mean.interval or (None, None))) for metric, mean in one.means.items()},
        tested={row.key: mean.mean for row in COMPUTED if (mean := one.tested(row.key)) is not None},
        epochs=one.epochs,
        seconds=one.seconds,
        reason=_one_line(trial.reason),
    )


def _cell(value: object) -> str:
    return repr(value) if isinstance(value, float) else shown_value(value)  # floats with every digit


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

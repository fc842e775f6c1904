"""Every trial in the order of its rank, as `leaderboard.csv` has it and as text for the terminal."""

from __future__ import annotations

from cnnbench.runs.leaderboard import TESTED, VALIDATED, Leaderboard, Standing
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import shown_value
from cnnbench.text import printable

REASON_LIMIT = 60


def leaderboard(results: SweepResults) -> Leaderboard:
    """Return what `leaderboard.csv` says of the trials."""
    metrics = [objective.metric for objective in results.sweep.objectives]
    axes = [axis.path for axis in results.sweep.space]
    return Leaderboard(metrics, axes, [_standing(one) for one in ranked(results)])


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
        validated={key: mean.mean for key in VALIDATED if (mean := one.validated(key)) is not None},
        tested={key: mean.mean for key in TESTED if (mean := one.tested(key)) is not None},
        epochs=one.epochs,
        seconds=one.seconds,
        reason=_one_line(trial.reason),
    )


def _cell(value: object) -> str:
    return repr(value) if isinstance(value, float) else shown_value(value)  # floats with every digit


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))

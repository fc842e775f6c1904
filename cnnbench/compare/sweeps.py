"""The best trials of a sweep, by its leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnnbench.compare.runs import LeftOut
from cnnbench.errors import ConfigError
from cnnbench.runs.kinds import not_begun
from cnnbench.runs.leaderboard import Standing, read_leaderboard
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell.wording import short_names, shown_value


@dataclass(frozen=True)
class SweepTrial:
    """A point of a sweep: the folder of its trainings, their run folders, and its value on every axis in words."""

    path: Path
    runs: tuple[Path, ...]
    label: str


def best_trials(path: Path, top: int) -> tuple[list[SweepTrial], list[LeftOut]]:
    """Return the `top` best finished trials of the sweep at `path`, and the trials that did not come to an end.

    Trials are ranked as the sweep ranked them, by its objective on validation data. Raises ConfigError where it has no
    leaderboard yet.
    """
    sweep = SweepDir(path)
    board = read_leaderboard(sweep.leaderboard)
    if board is None:
        raise ConfigError(
            not_begun(path) or f"{path}: this sweep has no {sweep.leaderboard.name} yet, so no finished trial"
        )
    done = sorted((one for one in board.standings if one.rank is not None), key=lambda one: one.rank or 0)
    stopped = [one for one in board.standings if one.state in ("failed", "pruned")]
    trials = [_trial(sweep, one) for one in done[:top]]
    left_out = [LeftOut(sweep.trials / one.point, _why(one)) for one in stopped]
    if len(done) > top:
        left_out.append(LeftOut(path, f"{len(done) - top} more trials, ranked below the best {top} (--top)"))
    return trials, left_out


def _trial(sweep: SweepDir, one: Standing) -> SweepTrial:
    return SweepTrial(sweep.trials / one.point, tuple(sweep.runs_of(one.point)), _label(one) or one.point)


def _label(one: Standing) -> str:
    """Return `epochs=3, learning_rate=0.001`."""
    return ", ".join(f"{name}={_value(one.values[axis])}" for axis, name in short_names(list(one.values)).items())


def _value(cell: str) -> str:
    """Return a value as sweeps show it: a number in as few digits as tell it."""
    try:
        return cell if cell.lstrip("-").isdigit() else shown_value(float(cell))
    except ValueError:
        return cell


def _why(one: Standing) -> str:
    return f"{one.state}: {one.reason}" if one.reason else one.state

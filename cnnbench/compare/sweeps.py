"""The best trials of a sweep, by its leaderboard."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnbench.compare.runs import LeftOut
from cnnbench.errors import ConfigError, first_line
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell.wording import short_names, shown_value

TOLD = ("rank", "trial", "point", "state", "runs", "test_accuracy", "epochs", "seconds", "reason")  # of every trial
SPREAD = ("_std", "_low", "_high")  # beside the column of each objective

Row = Mapping[str, str]


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
    rows, axes = _leaderboard(sweep)
    done = sorted((row for row in rows if row["state"] == "done"), key=lambda row: int(row["rank"]))
    stopped = [row for row in rows if row["state"] in ("failed", "pruned")]
    trials = [_trial(sweep, row, axes) for row in done[:top]]
    left_out = [LeftOut(sweep.trials / row["point"], _why(row)) for row in stopped]
    if len(done) > top:
        left_out.append(LeftOut(path, f"{len(done) - top} more trials, ranked below the best {top} (--top)"))
    return trials, left_out


def _leaderboard(sweep: SweepDir) -> tuple[list[Row], list[str]]:
    """Return the rows of leaderboard.csv and which of its columns are axes."""
    try:
        with sweep.leaderboard.open(newline="", encoding="utf-8") as f:
            reader = csv.DictReader(f)
            rows: list[Row] = list(reader)
    except FileNotFoundError:
        raise ConfigError(
            f"{sweep.path}: this sweep has no {sweep.leaderboard.name} yet, so no finished trial"
        ) from None
    except (OSError, ValueError, csv.Error) as e:
        raise ConfigError(f"{sweep.leaderboard}: cannot be read ({first_line(e)})") from None
    header = list(reader.fieldnames or [])
    if not {"rank", "point", "state"} <= set(header) or not all(_ranked(row) for row in rows):
        raise ConfigError(f"{sweep.leaderboard}: not a leaderboard (columns rank, point and state)")
    objectives = {name for name in header if f"{name}_std" in header}
    spread = {name + end for name in objectives for end in SPREAD}
    return rows, [name for name in header if name not in {*TOLD, *objectives, *spread}]


def _ranked(row: Row) -> bool:
    return row["state"] != "done" or (row["rank"] or "").isdigit()


def _trial(sweep: SweepDir, row: Row, axes: Sequence[str]) -> SweepTrial:
    folder = sweep.trials / row["point"]
    runs = sorted((path for path in folder.glob("seed-*") if path.is_dir()), key=_seed)
    return SweepTrial(folder, tuple(runs), _label(row, axes) or row["point"])


def _seed(folder: Path) -> tuple[int, str]:
    number = folder.name.removeprefix("seed-")
    return (int(number) if number.isdigit() else -1), folder.name


def _label(row: Row, axes: Sequence[str]) -> str:
    """Return `epochs=3, learning_rate=0.001`."""
    return ", ".join(f"{name}={_value(row[axis])}" for axis, name in short_names(axes).items())


def _value(cell: str) -> str:
    """Return a value as sweeps show it: a number in as few digits as tell it."""
    try:
        return cell if cell.lstrip("-").isdigit() else shown_value(float(cell))
    except ValueError:
        return cell


def _why(row: Row) -> str:
    return f"{row['state']}: {row['reason']}" if row.get("reason") else row["state"]

"""`leaderboard.csv` of a sweep: every trial, ranked."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnbench.catalogue.measures import FOUR, RECORDED
from cnnbench.errors import DataError, first_line
from cnnbench.files.checked import read_text
from cnnbench.files.csv_text import text_of
from cnnbench.files.whole import write_csv

OF_A_MEAN = ("", "_std", "_low", "_high")  # columns of an objective: mean, standard deviation, ends of the interval
TESTED = {key: f"test_{key}" for key in RECORDED}  # columns of what was measured on the test images
VALIDATED = {key: f"validation_{key}" for key in FOUR}  # and on the validation images
BEFORE = ("rank", "trial", "point", "state")
AFTER = (*VALIDATED.values(), *TESTED.values(), "epochs", "seconds", "reason")


@dataclass(frozen=True)
class Standing:
    """A trial on the leaderboard; None and "" stand for what it has not.

    `means` has mean, standard deviation and the ends of the t interval of each objective, over the trainings that are
    done, of which there are `runs`; `values` its place on every axis; `validated` and `tested`, measures of the
    validation and the test images by which nothing is ranked, `epochs` and `seconds` are means over the trainings.
    """

    rank: int | None
    trial: int
    point: str
    state: str
    runs: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    means: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    validated: Mapping[str, float] = field(default_factory=dict)
    tested: Mapping[str, float] = field(default_factory=dict)
    epochs: float | None = None
    seconds: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Leaderboard:
    """The trials in the order of their rank, those without one last."""

    objectives: Sequence[str]
    axes: Sequence[str]
    standings: Sequence[Standing]

    @property
    def best(self) -> Standing | None:
        """The first of the trials that are done, None where none is."""
        return next((one for one in self.standings if one.rank is not None), None)


def write_leaderboard(path: Path, board: Leaderboard) -> None:
    """Write the file; raises OutputError."""
    measured = [objective + end for objective in board.objectives for end in OF_A_MEAN]
    write_csv(path, [*BEFORE, *measured, "runs", *board.axes, *AFTER], (_row(one, board) for one in board.standings))


def _row(one: Standing, board: Leaderboard) -> list[Any]:
    nothing = (None,) * len(OF_A_MEAN)
    measured = [cell for objective in board.objectives for cell in one.means.get(objective, nothing)]
    place = [one.rank, one.trial, one.point, one.state]
    other = [*(one.validated.get(key) for key in VALIDATED), *(one.tested.get(key) for key in TESTED)]
    values = [one.values[axis] for axis in board.axes]
    return [*place, *measured, one.runs, *values, *other, one.epochs, one.seconds, one.reason]


def read_leaderboard(path: Path) -> Leaderboard | None:
    """Read the file, None where there is none; raises DataError for a malformed one."""
    try:
        cells = csv.reader(io.StringIO(read_text(path), newline=""))
        header, *rows = [[text_of(cell) for cell in row] for row in cells] or [[]]
    except FileNotFoundError:
        return None
    except csv.Error as e:
        raise DataError(f"{path}: cannot be read ({first_line(e)})") from None
    objectives = [name for name in header if f"{name}_std" in header]
    others = {*BEFORE, "runs", *AFTER, *(name + end for name in objectives for end in OF_A_MEAN)}
    axes = [name for name in header if name not in others]
    if not set(BEFORE) <= set(header):
        raise DataError(f"{path}: not a leaderboard (columns {', '.join(BEFORE)})")
    try:
        told = [dict(zip(header, row, strict=True)) for row in rows]
        return Leaderboard(objectives, axes, [_standing(row, objectives, axes) for row in told])
    except (KeyError, ValueError) as e:
        raise DataError(f"{path}: not a leaderboard ({first_line(e)})") from None


def _standing(row: Mapping[str, str], objectives: Sequence[str], axes: Sequence[str]) -> Standing:
    state = row["state"]
    return Standing(
        rank=int(row["rank"]) if state == "done" else None,
        trial=int(row["trial"]),
        point=row["point"],
        state=state,
        runs=int(row.get("runs") or 0),
        values={axis: row[axis] for axis in axes},
        means={name: tuple(_number(row[name + end]) for end in OF_A_MEAN) for name in objectives if row[name]},
        validated={key: float(cell) for key, column in VALIDATED.items() if (cell := row.get(column))},
        tested={key: float(cell) for key, column in TESTED.items() if (cell := row.get(column))},
        epochs=_number(row.get("epochs")),
        seconds=_number(row.get("seconds")),
        reason=row.get("reason", ""),
    )


def _number(cell: str | None) -> float | None:
    return float(cell) if cell else None

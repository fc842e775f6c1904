"""What a study would run, and what of it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.config.schema import Config
from cnnbench.config.static import static_images
from cnnbench.runs.run import Run
from cnnbench.studies.file import Study
from cnnbench.studies.folder import StudyDir
from cnnbench.studies.results import lacks_weights
from cnnbench.studies.run import wanted
from cnnbench.sweep.run.pace import Pace
from cnnbench.text import NOTHING, count, duration
from cnnbench.views.table import Column, Table

BASIS = "from runs that are done, else roughly from multiplications per image and this machine's speed at them"


@dataclass(frozen=True)
class Planned:
    """A row that is trained: runs of its own, those that are done, and of each images and epochs, None if unknown.

    `seconds` is about how long the others take, None where nothing tells; `lacks` is why it cannot be trained.
    """

    row: str
    runs: int
    done: int
    images: int | None
    epochs: int
    seconds: float | None
    lacks: str | None


def plan_of(study: Study, root: Path, only: Sequence[str] = ()) -> list[Planned]:
    """Return the rows of a study that have runs of their own; a row that shares those of another is not there twice."""
    runs = wanted(study, StudyDir.of(root, study.name, study.scale), only)
    pace = Pace.measured((run.config, run.folder) for run in runs)
    rows: dict[str, list[Path]] = {}
    for run in runs:
        rows.setdefault(run.row, []).append(run.folder)
    return [_planned(study.configs[key], key, paths, pace) for key, paths in rows.items()]


def _planned(config: Config, key: str, paths: Sequence[Path], pace: Pace) -> Planned:
    done = [run for run in map(Run, paths) if run.is_done]
    images = static_images(config.data)
    kept = None if images is None else round(images * (1 - config.data.validation))
    each = [float(run.status.get("seconds") or 0) for run in done]
    left = len(paths) - len(done)
    one = sum(each) / len(each) if each else pace.seconds(config)
    seconds = None if one is None else one * left + (0.0 if done else pace.first_pass(config))
    lacks = lacks_weights(config) if left else None
    return Planned(key, len(paths), len(done), kept, config.train.epochs, seconds, lacks)


def plan_table(rows: Sequence[Planned]) -> Table[Planned]:
    """Return the plan as a table."""
    columns: tuple[Column[Planned], ...] = (
        Column("row", lambda row: row.row, key="row", left=True),
        Column("done", lambda row: f"{row.done}/{row.runs}"),
        Column("", lambda row: row.runs, key="runs"),
        Column("", lambda row: row.done, key="done"),
        Column("images", lambda row: row.images, lambda n: NOTHING if n is None else count(n), "images", least=1),
        Column("epochs", lambda row: row.epochs, count, "epochs", least=2),
        Column("about", lambda row: row.seconds if row.lacks is None else None, duration, "seconds", least=0),
        Column("", lambda row: row.lacks, lambda why: why or "", "lacks", left=True, fold=True, least=3),
    )
    return Table("plan", columns, rows)


def plan_text(study: Study, rows: Sequence[Planned], room: int | None) -> str:
    """Return the plan for a terminal."""
    runs, done = sum(row.runs for row in rows), sum(row.done for row in rows)
    without = [row.key for row in study.file.rows if row.config is None]
    known = [row.seconds for row in rows if row.seconds is not None and row.lacks is None]
    unknown = sum(row.seconds is None for row in rows)
    time = f"about {duration(sum(known))}" + (f" and {unknown} rows of unknown time" if unknown else "")
    untrained = f"; {len(without)} rows without a training" if without else ""
    lacking = sum(row.lacks is not None for row in rows)
    lacks = f"; {lacking} rows whose weights are not here" if lacking else ""
    return f"{plan_table(rows).text(room)}{runs} runs, {done} done; {time} ({BASIS}){untrained}{lacks}\n"


def as_document(study: Study, rows: Sequence[Planned]) -> dict[str, Any]:
    """Return the plan as `--json` prints it."""
    return {"study": study.name, "scale": study.scale, "rows": plan_table(rows).json()}

"""What a folder is: a run, the repeats of one, a sweep, or none of them. Whoever wants to know asks here."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir, SweepDir

Kind = Literal["run", "repeats", "sweep"]


def mark_of(path: Path, kind: Kind) -> Path:
    """Return the file that makes a folder what it is."""
    if kind == "run":
        return RunDir(path).config
    return RepeatsDir(path).plan if kind == "repeats" else SweepDir(path).sweep


def kind_of(path: Path) -> Kind | None:
    """Return what a folder is, None where it is nothing of all that or cannot be looked into."""
    kinds: tuple[Kind, ...] = ("run", "repeats", "sweep")
    with suppress(OSError):  # closed to this user, or gone since
        return next((kind for kind in kinds if mark_of(path, kind).exists()), None)
    return None


def parent_of(run: Path) -> Path | None:
    """Return the folder of the repeats or of the sweep that a run folder belongs to, None where it stands alone."""
    run = run.absolute()
    if kind_of(run.parent) == "repeats":
        return run.parent
    above = (path.parent for path in run.parents if path == SweepDir(path.parent).trials)
    return next((path for path in above if kind_of(path) == "sweep"), None)


def not_begun(path: Path) -> str | None:
    """Return what to say of a sweep that has left nothing but its file so far, None of any other."""
    sweep = SweepDir(path)
    if any(left.exists() for left in (sweep.trials, sweep.status, sweep.study, sweep.kept, sweep.leaderboard)):
        return None
    return f"{path}: a sweep that has not begun, or whose trials are gone; `cnnbench sweep {sweep.sweep}` runs it"

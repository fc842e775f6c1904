"""What a path on the command line stands for; every command that takes runs asks here."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cnnbench.errors import ConfigError, DataError, did_you_mean
from cnnbench.files.checked import checked
from cnnbench.runs.age import STAMP
from cnnbench.runs.folder import CONFIG, RunDir
from cnnbench.runs.kinds import not_begun
from cnnbench.runs.leaderboard import read_leaderboard
from cnnbench.runs.metrics import MEASURED
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.walk import Found, walk

OUTPUTS = Path("outputs")


def stands_for(path: Path) -> Found:
    """Return the run, the repeats or the sweep at `path`, else the newest of them below it.

    So `outputs/NAME` is the newest run of that name, or the repeats or the sweep that is there; their runs are meant
    only where they are named themselves. Raises ConfigError where there is nothing.
    """
    if not path.is_dir():
        raise ConfigError(f"{path}: {_NOTHING}{_closest(path)}")
    found = walk(path, children=False)
    if not found:
        raise ConfigError(f"{path}: {_NOTHING}")
    return next((one for one in found if one.path == path), found[-1])


def open_run(path: Path) -> RunDir:
    """Return the one run that `path` stands for; raises ConfigError where that is none, or several in one."""
    found = stands_for(path)
    if found.kind == "run":
        return RunDir(found.path)
    if found.kind == "sweep" and (told := not_begun(found.path)):
        raise ConfigError(told)
    what = "repeats of one run" if found.kind == "repeats" else "a sweep"
    example = _a_run_of(found)
    raise ConfigError(f"{found.path}: {what}, not a single run; name one of its runs{example}")


def open_finished(path: Path) -> Run:
    """Return the run that `path` stands for; raises ConfigError where it has no finished model."""
    run = Run(open_run(path).path)
    if run.metrics is None or not run.folder.model.exists():
        state = run.status.get("state", "unknown") if run.folder.status.exists() else "not started"
        raise ConfigError(f"{run.path}: has no finished model (state: {state}); cnnbench train --resume finishes it")
    checked(run.folder.metrics, run.metrics, MEASURED)
    return run


def holds_runs_of_one_name(path: Path) -> bool:
    """Return whether a folder is laid out as `outputs/NAME`, with a folder per run that is named by its time."""
    return any(STAMP.match(found.path.name) and found.path.parent == path for found in walk(path, children=False))


_NOTHING = f"not a run folder and no run folder below it (a run holds {CONFIG})"


def _a_run_of(found: Found) -> str:
    """Return an example: of a sweep the best trial's run, else the first."""
    if found.kind == "sweep" and (best := _best_of(SweepDir(found.path))):
        return f"; the best trial's is {best}"
    runs = [one.path for one in walk(found.path, children=True) if one.kind == "run"]
    return f", such as {runs[0]}" if runs else ""


def _best_of(sweep: SweepDir) -> Path | None:
    with suppress(DataError):
        if (board := read_leaderboard(sweep.leaderboard)) and board.best:
            return next(iter(sweep.runs_of(board.best.point)), None)
    return None


def _closest(path: Path) -> str:
    """Return the hint at a folder beside a path that is none, or at one of this name in `outputs`."""
    if path.exists():
        return ""
    if len(path.parts) == 1 and (OUTPUTS / path).is_dir():
        return f"; did you mean {OUTPUTS / path}?"
    with suppress(OSError):
        return did_you_mean(path.name, (p.name for p in path.parent.iterdir() if p.is_dir()))
    return ""

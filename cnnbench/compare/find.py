"""From what is named on the command line to the folders that hold its runs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnnbench.compare.runs import Kind, LeftOut
from cnnbench.compare.sweeps import best_trials
from cnnbench.errors import CnnbenchError, ConfigError, did_you_mean
from cnnbench.files.folders import Folders
from cnnbench.runs.folder import CONFIG
from cnnbench.runs.kinds import Kind as FolderKind
from cnnbench.runs.kinds import kind_of, not_begun
from cnnbench.runs.named import holds_runs_of_one_name, stands_for
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.plan import read_plan
from cnnbench.runs.walk import walk


@dataclass(frozen=True)
class Found:
    """Run folders that stand for one configuration; `named` where it was not merely met below a folder."""

    path: Path
    runs: tuple[Path, ...]
    kind: Kind
    named: bool
    label: str = ""


def find(arguments: Sequence[str], top: int) -> tuple[list[Found], list[LeftOut]]:
    """Return what run folders, globs, folders of runs, repeats and sweeps hold, each run once; `top` trials per sweep.

    Raises ConfigError for a name that stands for nothing.
    """
    found: list[Found] = []
    left_out: list[LeftOut] = []
    for path, exact in _expanded(arguments):
        below = list(_look(path, top, Folders(path), named=True))
        if exact and not below:
            raise ConfigError(f"{path}: no run in it (a run holds {CONFIG})")
        found += [one for one in below if isinstance(one, Found)]
        left_out += [one for one in below if isinstance(one, LeftOut)]
    return list(_once(found)), left_out


def _expanded(arguments: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Yield folders, and whether each was named as it is."""
    for argument in arguments:
        path = Path(argument).expanduser()
        if path.exists() or not glob.has_magic(argument):
            _refuse_no_folder(path)
            yield path, True
            continue
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
        folders = [Path(match) for match in matches if Path(match).is_dir()]
        if not folders:
            raise ConfigError(f"{argument}: no folder matches")
        yield from ((folder, False) for folder in folders)


def _refuse_no_folder(path: Path) -> None:
    if path.is_dir():
        if not os.access(path, os.R_OK | os.X_OK):
            raise ConfigError(f"{path}: cannot be read (Permission denied)")
        return
    if path.exists():
        raise ConfigError(f"{path}: not a folder")
    beside = [p.name for p in path.parent.iterdir() if p.is_dir()] if path.parent.is_dir() else []
    raise ConfigError(f"{path}: no such folder{did_you_mean(path.name, beside)}")


def _look(path: Path, top: int, folders: Folders, named: bool) -> Iterator[Found | LeftOut]:
    """Yield what a folder is, else what the folders in it are."""
    kind = kind_of(path)
    if kind == "run":
        yield Found(path, (path,), "run", named)
    elif kind is not None:
        # A sweep that has not begun may be a sweep file that merely lies above somebody's runs.
        below = list(_below(path, top, folders)) if kind == "sweep" and not_begun(path) else []
        yield from below or _told(path, top, kind, named)
    elif named and holds_runs_of_one_name(path):
        yield from _newest(path, top)
    else:
        yield from _below(path, top, folders)


def _below(path: Path, top: int, folders: Folders) -> Iterator[Found | LeftOut]:
    with suppress(OSError):  # a folder below, closed to this user
        for folder in folders.inside(path):
            yield from _look(folder, top, folders, named=False)


def _told(path: Path, top: int, kind: FolderKind, named: bool) -> Iterator[Found | LeftOut]:
    """Yield what repeats or a sweep stand for; damage of one that was named is raised, of another one told."""
    try:
        yield from _many(path, top, kind, named)
    except CnnbenchError as e:
        if named:
            raise
        yield LeftOut(path, str(e).removeprefix(f"{path}: "))


def _newest(path: Path, top: int) -> Iterator[Found | LeftOut]:
    """Yield what a name's folder stands for in every command, and that there are others."""
    newest = stands_for(path).path
    yield from _look(newest, top, Folders(newest), named=True)
    if others := len(walk(path, children=False)) - 1:
        reason = f"{others} older of this name; {path.name} stands for its newest, '{path}/*' for all"
        yield LeftOut(path, reason)


def _many(path: Path, top: int, kind: FolderKind, named: bool) -> list[Found | LeftOut]:
    """Return what repeats or a sweep stand for; raises a CnnbenchError where their folder is damaged."""
    if kind == "repeats":
        parent = RepeatsDir(path)
        plan = read_plan(parent.plan)
        return [Found(path, tuple(map(parent.child, plan["children"])), plan["kind"], named)]
    trials, left_out = best_trials(path, top)
    return [*(Found(trial.path, trial.runs, "trial", named, trial.label) for trial in trials), *left_out]


def _once(found: Iterable[Found]) -> Iterator[Found]:
    """Leave out runs that came before; repeats and trials come before runs that are named by themselves."""
    seen: set[Path] = set()
    for one in sorted(found, key=lambda one: one.kind == "run"):
        runs = tuple(path for path in one.runs if path.resolve() not in seen)
        seen |= {path.resolve() for path in runs}
        if runs:
            yield Found(one.path, runs, one.kind, one.named, one.label)

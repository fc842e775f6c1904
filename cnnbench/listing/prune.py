"""Removing folders of runs on request: what would go, what stays and why, and the removal itself.

Whatever is removed is first renamed to a hidden name beside it, so that a folder is there as a whole or not at all,
and looked at again under that name: a run that has begun to go on meanwhile gets its folder back.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.files.checked import Unreadable
from cnnbench.files.lock import holder
from cnnbench.listing.lines import Line
from cnnbench.runs.folder import CONFIG
from cnnbench.runs.kinds import parent_of
from cnnbench.runs.run import Run
from cnnbench.runs.walk import walk

SORTS = ("failed", "smoke", "interrupted", "pruned", "stopped")
LEFTOVER = re.compile(r"\.removed-[0-9a-f]{8}-.")


@dataclass(frozen=True)
class Candidate:
    """A folder of a wanted sort: `bytes` it takes, `kept` why it stays, None where it can go."""

    path: Path
    kind: str
    why: str
    bytes: int
    kept: str | None


@dataclass(frozen=True)
class Removal:
    """What became of a candidate: `problem` is None where it is gone."""

    candidate: Candidate
    problem: str | None


def sorts(asked: Sequence[str]) -> tuple[str, ...]:
    """Return the sorts of `--prune failed,smoke`; raises ConfigError for an unknown one."""
    names = [name.strip() for text in asked for name in text.split(",")]
    for name in names:
        if name not in SORTS:
            raise ConfigError(f"--prune {name}: allowed are {', '.join(SORTS)}{did_you_mean(name, SORTS)}")
    return tuple(dict.fromkeys(names))


def candidates(lines: Iterable[Line], wanted: Sequence[str]) -> list[Candidate]:
    """Return every folder of a wanted sort, with its size and, where it has to stay, the reason."""
    found = []
    for line in lines:
        run = line.described
        why = [sort for sort in wanted if (run["smoke"] if sort == "smoke" else line.state == sort)]
        if why:
            path = Path(run["path"])
            found.append(Candidate(path, run["kind"], " ".join(why), size_of(path), _reason_to_stay(path, run["kind"])))
    return found


def size_of(path: Path) -> int:
    """Return the bytes of all files below a folder; links count as themselves."""
    return sum(entry.stat(follow_symlinks=False).st_size for entry in _files(path))


def _files(path: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(Path(entry.path))
                else:
                    yield entry
    except OSError:  # gone since, or not readable: then it cannot be removed either, which is told then
        return


def _reason_to_stay(path: Path, kind: str) -> str | None:
    parent = parent_of(path.resolve())
    if parent is not None:
        return f"part of {parent}, which stays or goes as a whole"
    if path.is_symlink():
        return "a link"
    if (path / ".git").exists() or path.resolve() in (Path.cwd(), *Path.cwd().parents):
        return "the folder that is worked in"
    if kind == "run" and any(inner.name == CONFIG and Path(inner.path).parent != path for inner in _files(path)):
        return "it holds other runs"
    return _may_run(path)


def _may_run(path: Path) -> str | None:
    """Return why a run, or one of those in its folder, may be running; None where none certainly is."""
    own = _status(path)
    if not own.get("state"):
        return "it may be about to begin: it has no state"
    inside = (found.path for found in walk(path, children=True) if found.path != path)
    return next(filter(None, map(_may_be_alive, (path, *inside))), None)


def _status(path: Path) -> Mapping[str, Any]:
    try:
        return Run(path).status
    except Unreadable:
        return {}


def _may_be_alive(path: Path) -> str | None:
    if (who := holder(path)) is not None:
        return f"running ({who})"
    status = _status(path)
    if status.get("state") == "running" and status.get("host") != platform.node():
        return f"running on {status.get('host')}, or stopped there: this machine cannot tell"
    return None


def remove(wanted: Sequence[Candidate]) -> Iterator[Removal]:
    """Remove folders one after the other; yield what became of each."""
    for candidate in wanted:
        yield Removal(candidate, _remove(candidate))


def _remove(candidate: Candidate) -> str | None:
    """Remove one folder; return why it stays where it does."""
    path, token = candidate.path, secrets.token_hex(4)
    aside = path.with_name(f".pruning-{token}-{path.name}")
    try:
        if reason := _reason_to_stay(path, candidate.kind):
            return reason
        path.rename(aside)
        if reason := _may_run(aside):  # it went on after the look at it
            aside.rename(path)
            return reason
        return _delete(aside.rename(path.with_name(f".removed-{token}-{path.name}")))
    except Unreadable as e:
        return str(e)
    except OSError as e:
        return e.strerror if path.exists() else f"{e.strerror}; it is now {aside}"


def _delete(removed: Path) -> str | None:
    problems: list[str] = []
    shutil.rmtree(removed, onerror=lambda _, place, error: problems.append(f"{place}: {error[1]}"))
    return problems[0] if problems else None


def remove_leftovers(root: Path) -> int:
    """Delete what an earlier removal was stopped in the middle of; return how many folders that were."""
    left = [p for p in root.glob("**/.removed-*") if LEFTOVER.match(p.name) and p.is_dir() and not p.is_symlink()]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)

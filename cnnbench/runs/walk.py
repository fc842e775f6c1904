"""Every run, folder of repeats and sweep below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnbench.errors import ConfigError
from cnnbench.files.folders import Folders
from cnnbench.runs.age import age
from cnnbench.runs.folder import CONFIG, STATUS
from cnnbench.runs.parents import REPEATS, SWEEP, TRIALS, parent_of

Kind = Literal["run", "repeats", "sweep"]
MARKS: dict[Kind, str] = {"run": CONFIG, "repeats": REPEATS, "sweep": SWEEP}


@dataclass(frozen=True)
class Found:
    """A folder and what it is; `within` is the folder of repeats or the sweep that a run belongs to."""

    path: Path
    kind: Kind
    within: Path | None


def walk(root: Path, children: bool) -> list[Found]:
    """Return what lies below `root`, the oldest first, with `children` the runs of repeats and sweeps too.

    Hidden folders are passed by, and links are followed as `Folders` does. Raises ConfigError where `root` is none.
    """
    if not root.is_dir():
        raise ConfigError(f"{root}: not a folder")
    if not os.access(root, os.R_OK | os.X_OK):
        raise ConfigError(f"{root}: cannot be read (Permission denied)")
    inside = parent_of(root / "x")
    within = parent_of(root) or (inside if inside != root.absolute() else None)
    found = _look(root, within, children, Folders(root))
    return sorted(found, key=lambda found: age(found.path / MARKS[found.kind]))


def _look(path: Path, within: Path | None, children: bool, folders: Folders) -> Iterator[Found]:
    try:
        inside, names = folders.inside(path), {entry.name for entry in path.iterdir()}
    except OSError:  # gone since, or somebody else's
        return
    kind = _kind(names)
    if kind is not None:
        yield Found(path, kind, within)
    if kind in ("repeats", "sweep"):
        if not children:
            return
        within = path.absolute()
    if kind == "run" and STATUS in names:
        return  # the folders of a run hold no runs
    for folder in inside:
        yield from _look(folder, within, children, folders)


def _kind(inside: set[str]) -> Kind | None:
    """Return what a folder is by what it holds; a sweep file alone makes no sweep."""
    if CONFIG in inside:
        return "run"
    if REPEATS in inside:
        return "repeats"
    return "sweep" if SWEEP in inside and inside & {TRIALS, STATUS} else None

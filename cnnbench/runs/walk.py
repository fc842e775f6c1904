"""Every run, folder of repeats and sweep below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnbench.errors import ConfigError
from cnnbench.files.folders import Folders
from cnnbench.runs.age import age
from cnnbench.runs.folder import RunDir
from cnnbench.runs.kinds import Kind, kind_of, mark_of, not_begun, parent_of


@dataclass(frozen=True)
class Found:
    """A folder and what it is; `within` is the folder of repeats or the sweep that a run belongs to."""

    path: Path
    kind: Kind
    within: Path | None

    @property
    def age(self) -> tuple[str, list[str | int], str]:
        """What sorts folders, the oldest first."""
        return age(mark_of(self.path, self.kind))


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
    return sorted(_look(root, within, children, Folders(root)), key=lambda found: found.age)


def _look(path: Path, within: Path | None, children: bool, folders: Folders) -> Iterator[Found]:
    kind = kind_of(path)
    if kind == "sweep" and not_begun(path):  # or a sweep file that merely lies above somebody's runs
        yield from list(_below(path, within, children, folders)) or [Found(path, kind, within)]
        return
    if kind is not None:
        yield Found(path, kind, within)
    if kind in ("repeats", "sweep"):
        if not children:
            return
        within = path.absolute()
    if kind != "run" or not RunDir(path).status.exists():  # the folders of a run hold no runs
        yield from _below(path, within, children, folders)


def _below(path: Path, within: Path | None, children: bool, folders: Folders) -> Iterator[Found]:
    try:
        inside = folders.inside(path)
    except OSError:  # gone since, or somebody else's
        return
    for folder in inside:
        yield from _look(folder, within, children, folders)

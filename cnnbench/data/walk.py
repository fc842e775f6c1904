"""What lies in a folder of images: one walk and one list of what is no data, for all who look into such a folder.

Names are sorted, so that a listing is the same everywhere. Symbolic links are followed, also out of the folder: it is
the user's own and is only read. A link to a folder that the walk is inside of is not entered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cnnbench.data.decode import EXTENSIONS
from cnnbench.errors import MissingData

# What file systems, file managers and storage devices leave between the files of their users, in lower case. Names
# that begin with a dot are hidden and left out as well (._x, .DS_Store, .ipynb_checkpoints, .@__thumb).
LEFTOVERS = frozenset(
    {
        *("@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot"),  # network storage
        *("$recycle.bin", "recycler", "recycled", "system volume information", "lost+found"),  # file systems
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "zbthumbnail.info", "desktop.ini"),  # file managers
        *("__macosx", "icon\r", "network trash folder", "temporary items", "__pycache__"),
    }
)
STREAMS = (":zone.identifier", "@synoeastream", "@synoresource")  # attributes kept as a file beside the file


def is_leftover(name: str) -> bool:
    """Return whether a file or folder of this name is no data but hidden or left behind by a file system."""
    folded = name.lower()
    return name.startswith(".") or folded in LEFTOVERS or folded.endswith(STREAMS)


def is_image(name: str) -> bool:
    """Return whether a file is called as an image is."""
    return Path(name).suffix.lower() in EXTENSIONS


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, sorted by name, without leftovers; raises DataError where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return sorted((e for e in found if not is_leftover(e.name)), key=lambda e: e.name)
    except OSError as e:
        raise MissingData(f"{folder}: {e.strerror}") from None


def below(root: Path, folder: Path) -> Iterator[str]:
    """Yield every file below `folder` relative to `root`: those of a folder, then those of the folders in it."""
    waiting: list[tuple[Path, tuple[Path, ...]]] = [(folder, (Path(os.path.realpath(folder)),))]
    while waiting:
        at, inside = waiting.pop()
        here = entries(at)
        prefix = at.relative_to(root).as_posix()
        yield from (f"{prefix}/{e.name}".removeprefix("./") for e in here if not is_folder(e))
        entered = [(at / e.name, _real(e, inside[-1])) for e in here if is_folder(e)]
        waiting += [(path, (*inside, real)) for path, real in reversed(entered) if not _holds_any(real, inside)]


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder or a link to one; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _real(entry: os.DirEntry[str], parent: Path) -> Path:
    return Path(os.path.realpath(entry.path)) if entry.is_symlink() else parent / entry.name


def _holds_any(folder: Path, inside: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(folder) for path in inside)

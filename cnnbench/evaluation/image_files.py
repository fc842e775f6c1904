"""Which image files are meant by names of files and folders, and by patterns; and why a name means none."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
NO_ADDRESSES = (
    "an address, not a file; nothing is fetched from a network, where the next look may find another image: "
    "download it and name the file"
)


def image_files(given: Iterable[str | Path]) -> list[str]:
    """Return the files named, and, sorted, the images of folders and of patterns that training would find.

    What means no file stays as it is named; `absent` says why.
    """
    return [file for name in given for file in _meant(str(name))]


def absent(name: str) -> str | None:
    """Return why a name means no image file, None where there is a file of that name."""
    if ADDRESS.match(name):
        return f"{name}: {NO_ADDRESSES}"
    if os.path.isdir(name):  # noqa: PTH112 - pathlib raises for a name that is too long or holds a NUL
        return f"{name}: no image file in this folder"
    if not os.path.exists(name):  # noqa: PTH110 - as above
        return f"{name}: no image matches this pattern" if glob.has_magic(name) else f"{name}: no such file or folder"
    return None


def _meant(name: str) -> list[str]:
    if ADDRESS.match(name):
        return [name]
    if os.path.isdir(name):  # noqa: PTH112 - as above
        return _inside(name) or [name]
    if os.path.exists(name) or not glob.has_magic(name):  # noqa: PTH110 - as above
        return [name]
    return _matching(name) or [name]


def _inside(folder: str) -> list[str]:
    from cnnbench.data.walk import below, is_image

    path = Path(folder)
    return sorted(str(path / file) for file in below(path, path) if is_image(file))


def _matching(pattern: str) -> list[str]:
    """Return images, and images of folders, that a pattern matches, each once; `**` goes through folders."""
    from cnnbench.data.walk import is_image, is_leftover

    found: list[str] = []
    for name in glob.glob(pattern, recursive=True):  # noqa: PTH207 - takes `..` and absolute patterns, hides .files
        path = Path(name)
        if not is_leftover(path.name):
            found += _inside(name) if path.is_dir() else [str(path)] if is_image(path.name) else []
    return sorted(set(found))

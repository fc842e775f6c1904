"""Paths in a configuration: a relative one belongs to its file, one on the command line to the shell's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnbench.config.document import Document

DATA_PATH = ("data", "path")
WEIGHTS = ("model", "weights")
IMAGENET = "imagenet"  # the one value of model.weights that is no path


def with_paths(document: Document) -> Document:
    """Return the document with its paths absolute, so that they mean the same from any folder."""
    data = dict(document.data)
    for at in (DATA_PATH, WEIGHTS):
        section = data.get(at[0])
        given = section.get(at[1]) if isinstance(section, dict) else None
        if isinstance(section, dict) and isinstance(given, str) and (at, given) != (WEIGHTS, IMAGENET):
            data[at[0]] = {**section, at[1]: absolute(given, document.folder(at))}
    return replace(document, data=data)


def absolute(path: str, folder: Path) -> str:
    """Return a path written in `folder` as an absolute one; what can be no path is left as it is, for who opens it."""
    try:
        return str((folder / Path(path).expanduser()).resolve())
    except (OSError, RuntimeError, ValueError):  # a link to itself, the home of a user there is not, a null character
        return path

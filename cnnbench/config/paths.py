"""Paths in a configuration: a relative one belongs to its file, one on the command line to the shell's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnbench.config.document import Document

DATA_PATH = ("data", "path")


def with_data_path(document: Document) -> Document:
    """Return the document with `data.path` absolute, so that it means the same from any folder."""
    section = document.data.get("data")
    if not isinstance(section, dict) or not isinstance(section.get("path"), str):
        return document
    path = absolute(section["path"], document.folder(DATA_PATH))
    return replace(document, data={**document.data, "data": {**section, "path": path}})


def absolute(path: str, folder: Path) -> str:
    """Return a path written in `folder` as an absolute one; what can be no path is left as it is, for who opens it."""
    try:
        return str((folder / Path(path).expanduser()).resolve())
    except (OSError, RuntimeError, ValueError):  # a link to itself, the home of a user there is not, a null character
        return path

"""Asking a source for its images: where its files are, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cnnbench.catalogue.sources import Own, module_of, sources
from cnnbench.config.class_names import refuse_unreadable
from cnnbench.config.schema import Data
from cnnbench.data.download import obtain
from cnnbench.data.types import Given, Listed
from cnnbench.errors import DataError, MissingData


def read_source(data: Data, *, offline: bool = False, quiet: bool = False) -> Given:
    """Return the data set as its files give it.

    A named set that is in none of its places is downloaded unless `offline`, with a bar on a terminal unless `quiet`.
    Raises DataError for files that are missing or cannot be read, and for names of classes that no table could show.
    """
    load: Callable[[Data, Path], Given] = module_of(data.source).load
    given = load(data, _place(data, offline, quiet))
    if sources()[data.source].own:
        refuse_unreadable(data.path, given.class_names)
    return given


def find_files(data: Data) -> Listed:
    """Return every image file that a source of image files has now, used or not."""
    find: Callable[[Data, Path], Listed] = module_of(data.source).find
    return find(data, _place(data, True, True))


def _place(data: Data, offline: bool, quiet: bool) -> Path:
    source = sources()[data.source]
    published = source.to_find(data.options)
    if published is not None:
        return obtain(data.source, published, data.path, offline=offline, quiet=quiet)
    return Path() if source.own is None else _own(data, source.own)


def _own(data: Data, own: Own) -> Path:
    if data.path is None:
        raise DataError(f"data.path: source {data.source} needs the path of {own.what}")
    path = Path(data.path).expanduser()
    if own.suffixes and not path.is_file():
        raise MissingData(f"{path}: {'not a regular file' if path.exists() else 'no such file'}")
    if not own.suffixes and not path.is_dir():
        raise MissingData(f"{path}: {'not a folder' if path.exists() else 'no such folder'}")
    return path

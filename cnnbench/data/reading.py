"""Asking a source for its images: where its files are, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnbench.catalogue.sources import Own, module_of, sources
from cnnbench.config.class_names import no_such_class, refuse_unreadable
from cnnbench.config.schema import Data
from cnnbench.data.download import obtain
from cnnbench.data.types import Given, Listed, Part
from cnnbench.errors import ConfigError, DataError, MissingData


def read_source(data: Data, *, offline: bool = False, quiet: bool = False) -> Given:
    """Return the data set as its files give it.

    A named set that is in none of its places is downloaded unless `offline`, with a bar on a terminal unless `quiet`.
    Raises DataError for files that are missing or cannot be read, and for names of classes that no table could show.
    """
    load: Callable[[Data, Path], Given] = module_of(data.source).load
    given = load(data, _place(data, offline, quiet))
    if sources()[data.source].own:
        refuse_unreadable(data.path, given.class_names)
    return given if data.classes is None else _only(given, data.classes)


def _only(given: Given, classes: Sequence[str]) -> Given:
    """Return a data set of these classes in this order; images of others have the label -1 and are left out later."""
    if unknown := [name for name in classes if name not in given.class_names]:
        raise ConfigError(*(f"data.classes: the data has {no_such_class(name, given.class_names)}" for name in unknown))
    numbers = np.full(len(given.class_names), -1, np.int64)
    numbers[[list(given.class_names).index(name) for name in classes]] = np.arange(len(classes))

    def relabelled(part: Part | None) -> Part | None:
        return None if part is None else replace(part, labels=numbers[part.labels])

    train = replace(given.train, labels=numbers[given.train.labels])
    validation, test = relabelled(given.validation), relabelled(given.test)
    return replace(given, class_names=classes, train=train, validation=validation, test=test)


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

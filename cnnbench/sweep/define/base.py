"""What all trials of a sweep share: the base configuration with the sweep's fixed values over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import KeyPath
from cnnbench.config.document import Document, Mark
from cnnbench.config.load import open_document
from cnnbench.config.network.check import marks_below, with_architecture
from cnnbench.config.overrides import lay
from cnnbench.config.paths import absolute, with_data_path
from cnnbench.config.shipped import experiment_names, is_path
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.space import override


def base_document(document: Document, base: str | Mapping[str, Any], fixed: Mapping[str, Any]) -> Document:
    """Return the base of a sweep's document with `fixed` over it and its architecture in place.

    Every value keeps its mark. Raises ConfigError where there is no such base; what is wrong inside is left in it.
    """
    values = [override(path, value, marks_at(document, ("fixed", path))) for path, value in fixed.items()]
    return with_data_path(with_architecture(lay(_opened(document, base), values)))


def marks_at(document: Document, path: KeyPath) -> dict[KeyPath, Mark]:
    """Return the marks of the value at a key path, by their key path inside it."""
    own = {(): mark} if (mark := document.mark(path)) else {}
    return own | {p[len(path) :]: mark for p, mark in document.marks.items() if p[: len(path)] == path}


def settled(path: str, value: Any, folder: Path) -> Any:
    """Return a value with a path of data or of an architecture's file made absolute, to hold from any folder."""
    for section, key in (("model", "architecture"), ("data", "path")):
        if path == section and isinstance(value, dict) and key in value:
            return {**value, key: settled(f"{section}.{key}", value[key], folder)}
    is_file = path == "data.path" or (path == "model.architecture" and isinstance(value, str) and is_path(value))
    return absolute(value, folder) if is_file and isinstance(value, str) else value


def _opened(document: Document, base: str | Mapping[str, Any]) -> Document:
    if isinstance(base, Mapping):
        return Document(dict(base), marks_below(document, "base"))
    is_name = base in experiment_names() or not is_path(base)
    source: str | Path = base if is_name else document.folder(("base",)) / Path(base).expanduser()
    try:
        return open_document(source)
    except ConfigError as e:
        if str(source) not in "".join(e.problems):
            raise
        raise ConfigError(*(document.problem(("base",), line) for line in e.problems)) from None

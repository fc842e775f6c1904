"""The documents of a sweep: its file, with what the command line changes, and the base of all its trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import KeyPath, found
from cnnbench.config.document import Document, Mark
from cnnbench.config.load import is_network, open_document, trained_by
from cnnbench.config.loader import missing, read_document
from cnnbench.config.network.check import marks_below, with_architecture
from cnnbench.config.overrides import Override, lay, parse_all
from cnnbench.config.paths import IMAGENET, absolute, with_paths
from cnnbench.config.schema import Config
from cnnbench.config.shipped import architecture_names, experiment_names, is_path, shipped, sweep_names
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.sweep.define.sections import SweepFile
from cnnbench.sweep.define.space import override

_BY_PATH = ("space", "fixed")  # sections whose keys are dotted paths
_EXPERIMENT = set(Config.model_fields) - set(SweepFile.model_fields)
_SWEEP = set(SweepFile.model_fields) - set(Config.model_fields)
_A_NETWORK = "a network, not a sweep; a sweep's base is an experiment that trains it"
_AN_EXPERIMENT = "an experiment, not a sweep; `cnnbench train` runs it, and a sweep names it as its base"


def open_sweep(source: str | Path) -> Document:
    """Return what a shipped sweep's name or a path holds, unchecked; raises ConfigError, also for an experiment."""
    text, known = str(source), sweep_names()
    if text in experiment_names() and text not in known:
        raise ConfigError(f"{text}: {_AN_EXPERIMENT}")
    if text in architecture_names() and text not in known:
        raise ConfigError(f"{text}: {_A_NETWORK}; {trained_by(text)}")
    path = shipped("sweeps", text) if text in known else Path(text).expanduser()
    absent = missing(path)
    if absent and isinstance(source, str) and not is_path(text):
        hint = did_you_mean(text, known) or f"; shipped are {', '.join(known) or 'none'}"
        raise ConfigError(f"{found(text)} is neither a shipped sweep nor a file{hint}")
    if absent:
        raise ConfigError(f"{path}: {absent}")
    document = read_document(path)
    if is_network(document):
        raise ConfigError(f"{path}: {_A_NETWORK}")
    keys = set(document.data)
    if keys & _EXPERIMENT and not keys & _SWEEP:
        raise ConfigError(f"{path}: {_AN_EXPERIMENT}")
    return document


def with_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """Return the document with `key.path=value` laid over it; an experiment's key goes into `fixed`."""
    parsed, problems = parse_all(overrides)
    document = replace(document, problems=(*document.problems, *(((), line) for line in problems)))
    return lay(document, [replace(o, keys=_keys(document, o)) for o in parsed])


def base_document(document: Document, base: str | Mapping[str, Any], fixed: Mapping[str, Any]) -> Document:
    """Return the base of a sweep's document with `fixed` over it and its architecture in place.

    Every value keeps its mark. Raises ConfigError where there is no such base; what is wrong inside is left in it.
    """
    values = [override(path, value, marks_at(document, ("fixed", path))) for path, value in fixed.items()]
    return with_paths(with_architecture(lay(_opened(document, base), values)))


def marks_at(document: Document, path: KeyPath) -> dict[KeyPath, Mark]:
    """Return the marks of the value at a key path, by their key path inside it."""
    own = {(): mark} if (mark := document.mark(path)) else {}
    return own | {p[len(path) :]: mark for p, mark in document.marks.items() if p[: len(path)] == path}


def settled(path: str, value: Any, folder: Path) -> Any:
    """Return a value with a path of data or of an architecture's file made absolute, to hold from any folder."""
    for section, key in (("model", "architecture"), ("model", "weights"), ("data", "path")):
        if path == section and isinstance(value, dict) and key in value:
            return {**value, key: settled(f"{section}.{key}", value[key], folder)}
    is_file = path == "data.path" or (path == "model.architecture" and isinstance(value, str) and is_path(value))
    is_file = is_file or (path == "model.weights" and value != IMAGENET)
    return absolute(value, folder) if is_file and isinstance(value, str) else value


def _keys(document: Document, override: Override) -> tuple[str, ...]:
    """Return where in a sweep's document an override goes: below `space` and `fixed` a dotted path is one key."""
    section, *rest = override.keys
    if section in _EXPERIMENT:
        return ("fixed", ".".join(override.keys))
    if section not in _BY_PATH or not rest:
        return override.keys
    entries = document.data.get(section)
    for n in range(len(rest) - 1, 0, -1):  # `space.train.epochs.high=9` changes an entry that is there
        if isinstance(entries, dict) and ".".join(rest[:n]) in entries:
            return (section, ".".join(rest[:n]), *rest[n:])
    return (section, ".".join(rest))


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

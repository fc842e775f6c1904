"""Finding and reading a sweep file, with what the command line changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnnbench.catalogue.values import found
from cnnbench.config.document import Document
from cnnbench.config.load import is_network, trained_by
from cnnbench.config.loader import missing, read_document
from cnnbench.config.overrides import Override, lay, parse_all
from cnnbench.config.schema import Config
from cnnbench.config.shipped import architecture_names, experiment_names, is_path, shipped, sweep_names
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.sweep.define.schema import SweepFile

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

"""From a study file to a checked study: its rows with the configurations they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cnnbench.catalogue.values import KeyPath, found
from cnnbench.config.document import Document
from cnnbench.config.load import check_document, open_document
from cnnbench.config.loader import missing, read_document, resolve_extends
from cnnbench.config.overrides import lay
from cnnbench.config.schema import Config
from cnnbench.config.shipped import is_path, shipped, study_names, sweep_names
from cnnbench.config.validation import validate
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.studies.mistakes import study_mistakes
from cnnbench.studies.sections import Row, StudyFile
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.mistakes import Mistakes
from cnnbench.sweep.define.space import override

Scale = Literal["full", "small"]


@dataclass(frozen=True)
class Study:
    """A study at a scale; `configs` are what its rows train, by key, those without a training left out."""

    name: str
    file: StudyFile
    scale: Scale
    configs: Mapping[str, Config]
    source: Path

    def row(self, key: str) -> Row:
        """Return a row by its key."""
        return next(row for row in self.file.rows if row.key == key)

    def seeds(self, row: Row) -> list[int]:
        """Return the seeds that a row is run with; one at the small scale."""
        if row.key not in self.configs:
            return []
        first = self.configs[row.key].seed
        seeds = row.seeds if isinstance(row.seeds, list) else list(range(first, first + row.seeds))
        return seeds[:1] if self.scale == "small" else seeds

    def changes(self, row: Row) -> Mapping[str, Any]:
        """Return what is laid over a row's configuration, by dotted path."""
        return changes(self.file, row, self.scale)


def changes(file: StudyFile, row: Row, scale: Scale) -> dict[str, Any]:
    """Return what is laid over a row's configuration at a scale, by dotted path."""
    small = file.small if row.small is None else row.small or {}
    return {**row.trial, **row.overrides, **(small if scale == "small" else {})}


def is_left_out(row: Row, scale: Scale) -> bool:
    """Return whether a row is not trained at this scale."""
    return scale == "small" and row.small is False


def load_study(source: str | Path, scale: Scale = "full") -> Study:
    """Return the study of a shipped name or a YAML file, checked, every configuration of it too.

    Raises ConfigError with one line per mistake, `file:line: key.path: what is wrong`.
    """
    path = _path(source)
    document = read_document(path)
    mistakes = Mistakes(document)
    file, violations = validate(StudyFile, document.data)
    mistakes.add_all(violations if file is None else study_mistakes(file))
    rows = [] if file is None else [(row, ("rows", i, "config")) for i, row in enumerate(file.rows)]
    trained = [(row, at) for row, at in rows if row.config is not None and not is_left_out(row, scale)]
    configs = {row.key: _config(document, row, at, changes(file, row, scale), mistakes) for row, at in trained if file}
    mistakes.check()
    assert file is not None
    return Study(file.name or path.stem, file, scale, {key: c for key, c in configs.items() if c is not None}, path)


def _path(source: str | Path) -> Path:
    """Return the file of a shipped study or of the user's own; raises ConfigError."""
    text, known = str(source), study_names()
    if text in known:
        return shipped("studies", text)
    path = Path(text).expanduser()
    absent = missing(path)
    if absent and not is_path(text):
        hint = did_you_mean(text, known) or f"; shipped are {', '.join(known) or 'none'}"
        raise ConfigError(f"{found(text)} is neither a shipped study nor a file{hint}")
    if absent:
        raise ConfigError(f"{path}: {absent}")
    return path


def _config(document: Document, row: Row, at: KeyPath, values: Mapping[str, Any], mistakes: Mistakes) -> Config | None:
    """Return what a row trains, None where it has mistakes."""
    try:
        over = [override(path, value) for path, value in values.items()]
        config = check_document(lay(_base(document, row, at), over))
    except ConfigError as e:
        mistakes.add_lines([document.problem(at, line) for line in e.problems], at)
        return None
    return config.model_copy(update={"seed": row.seeds[0]}) if isinstance(row.seeds, list) else config


def _base(document: Document, row: Row, at: KeyPath) -> Document:
    """Return what a row names as its configuration, unchecked; raises ConfigError."""
    if isinstance(row.config, Mapping):
        inside = {path[len(at) :]: mark for path, mark in document.marks.items() if path[: len(at)] == at}
        return resolve_extends(Document({"name": row.key, **row.config}, inside))
    assert row.config is not None
    source = document.folder(at) / Path(row.config).expanduser() if is_path(row.config) else row.config
    is_sweep = row.config in sweep_names() or row.trial
    return load_sweep(source, checked=True).base if is_sweep else open_document(source)

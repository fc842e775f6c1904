"""Checking a file whatever it is: a study, or what a study is made of."""

from __future__ import annotations

from pathlib import Path

from cnnbench.config.loader import read_document
from cnnbench.config.shipped import shipped, study_names
from cnnbench.errors import ConfigError
from cnnbench.studies.file import load_study
from cnnbench.sweep.define.validate import Checked, validate_config


def validate(config: str) -> Checked:
    """Check a study at both scales, an experiment, an architecture or a sweep, given by shipped name or path."""
    if not _is_study(config):
        return validate_config(config)
    mistakes: list[str] = []
    for scale in ("full", "small"):
        try:
            load_study(config, scale)
        except ConfigError as e:
            mistakes += e.problems
    return Checked(config, "study", list(dict.fromkeys(mistakes)))


def _is_study(config: str) -> bool:
    """Return whether a name or a file is a study's; what cannot be read is not."""
    path = shipped("studies", config) if config in study_names() else Path(config).expanduser()
    if not path.is_file():
        return False
    try:
        return {"rows", "citation"} & set(read_document(path).data) != set()
    except ConfigError:
        return False

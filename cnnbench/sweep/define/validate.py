"""Checking a file whatever it is: an experiment, an architecture alone or a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cnnbench.catalogue.values import found
from cnnbench.config.architecture import from_document
from cnnbench.config.document import Document
from cnnbench.config.load import architecture_names, check_document, experiment_names, is_network, is_sweep, read_config
from cnnbench.config.loader import missing, read_document
from cnnbench.config.network.check import network_mistakes
from cnnbench.config.shipped import is_path, shipped, sweep_names
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.sweep.define.file import load_sweep

Kind = Literal["experiment", "architecture", "sweep", "study"]


@dataclass(frozen=True)
class Checked:
    """What was found out about one configuration; `kind` is None where it could not be read."""

    config: str
    kind: Kind | None
    mistakes: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {"config": self.config, "kind": self.kind, "ok": not self.mistakes, "mistakes": list(self.mistakes)}


def validate_config(config: str) -> Checked:
    """Check an experiment, an architecture or a sweep, given by shipped name or path."""
    kind: Kind | None = None
    try:
        document = _open(config)
        if is_sweep(document):
            kind = "sweep"
            load_sweep(config)
            return Checked(config, kind, ())
        kind = "architecture" if is_network(document) else "experiment"
        if kind == "architecture":
            _check_architecture(document)
        else:
            check_document(document)
    except ConfigError as e:
        return Checked(config, kind, e.problems)
    return Checked(config, kind, ())


def _open(config: str) -> Document:
    experiments, architectures, sweeps = experiment_names(), architecture_names(), sweep_names()
    if config in sweeps:
        return read_document(shipped("sweeps", config))
    if config in architectures and config not in experiments:
        return read_document(shipped("architectures", config))
    if config not in experiments and not is_path(config) and missing(Path(config)):
        hint = did_you_mean(config, [*experiments, *architectures, *sweeps])
        raise ConfigError(f"{found(config)} is neither a shipped experiment, architecture or sweep nor a file{hint}")
    return read_config(config)


def _check_architecture(document: Document) -> None:
    lines: list[str] = []
    try:
        architecture = from_document(document, "")
        shape, classes = architecture.input, architecture.classes
    except ConfigError as e:  # its network can be looked at all the same, without the shapes
        lines += e.problems
        shape, classes = None, None
    layers, blocks, parameters = (document.data.get(key) for key in ("layers", "blocks", "parameters"))
    if isinstance(layers, list) and isinstance(blocks, dict | None):
        lines += network_mistakes(layers, blocks, parameters, document.marks, shape, classes)
    if lines:
        raise ConfigError(*dict.fromkeys(lines))

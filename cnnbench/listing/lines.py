"""A line of the listing with what its folder's files hold, each read when a field first asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from cnnbench.files.checked import Unreadable, read_json
from cnnbench.numbers import leaves, numbers
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.written import SUMMARY

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where PyYAML was built with it


class Line:
    """A run, repeats or a sweep as `list_runs` describes it; files that cannot be read hold nothing."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.described = described
        self._path = Path(described["path"])
        self._is_repeats = described["kind"] == "repeats"

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The configuration by dotted key; that of repeats is what their runs have in common."""
        source = RepeatsDir(self._path).base if self._is_repeats else RunDir(self._path).config
        try:
            found = yaml.load(source.read_bytes(), Loader=_LOADER) if source.exists() else {}
        except (OSError, ValueError, RecursionError, yaml.YAMLError):
            return {}
        flat = dict(leaves(found)) if isinstance(found, Mapping) else {}
        if self._is_repeats:
            flat.pop("seed", None)
        return flat

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """The description, with data and network of a run that does not tell them from its configuration."""
        keys = {"data": "data.source", "network": "model.name"}
        told = self.described
        return told | {name: self.config.get(key) for name, key in keys.items() if not told[name]}

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """The numbers of `metrics.json` by dotted key; those of repeats are means."""
        try:
            found = self._summary() if self._is_repeats else RunDir(self._path).read_metrics() or {}
        except (*Unreadable, FileNotFoundError):
            return {}
        return numbers(found)

    @cached_property
    def parameters(self) -> Any:
        """The number of parameters, known before the first step."""
        try:
            layers = RunDir(self._path).read_layers()
            return layers["parameters"]["total"]
        except Unreadable:
            return self.metrics.get("parameters.total")

    def _summary(self) -> dict[str, Any]:
        summary = read_json(RepeatsDir(self._path).summary, SUMMARY)
        means = {key: found["mean"] for key, found in summary["metrics"].items()}
        return {"images": summary["images"], "parameters": summary["parameters"], "macs": summary["macs"], **means}

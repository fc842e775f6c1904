"""A line of the listing: a run, repeats or a sweep, and what its files say of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from cnnbench.files.checked import Unreadable
from cnnbench.numbers import leaves, numbers
from cnnbench.runs.config import parse_config, read_config_text
from cnnbench.runs.leaderboard import read_leaderboard
from cnnbench.runs.parents import RepeatsDir, SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.status import is_alive, shown_state
from cnnbench.runs.summary import SUMMARY
from cnnbench.runs.values import VALUES
from cnnbench.runs.walk import Found, walk

KEPT = ("state", "reason", "smoke", "epoch", "epochs", "started", "seconds", "network", "changes")
NOTHING = {"accuracy": None, "images": None, "data": None, "runs": None}


def lines_below(root: Path, children: bool = False) -> list[Line]:
    """Return every run below `root`, the last one begun last; repeats and a sweep are one line each.

    With `children` their runs follow. Raises ConfigError where `root` is no folder.
    """
    return sorted((Line(found) for found in walk(root, children)), key=lambda line: line.begun)


class Line:
    """A run, repeats or a sweep; files that cannot be read hold nothing."""

    def __init__(self, found: Found) -> None:
        self._found, self._run = found, Run(found.path)
        self._is_repeats = found.kind == "repeats"

    @cached_property
    def described(self) -> dict[str, Any]:
        """Path, name, state, epochs, test accuracy and time; what it does not have is None.

        Repeats and a sweep have their number of `runs`, and for accuracy the mean over the repeats or over the seeds of
        the sweep's best trial. A run with the state "running" is `alive` where its process runs on this machine; what
        cannot be read has the state "unreadable".
        """
        try:
            status, measured = self._run.status or {"state": "unknown"}, self._measured()
        except Unreadable:
            status, measured = {"state": "unreadable"}, NOTHING
        return {
            "path": str(self._found.path),
            "kind": self._found.kind,
            "name": _name(self._found),
            **{key: status.get(key) for key in KEPT},
            "smoke": bool(status.get("smoke")),
            "alive": is_alive(self._found.path, status),
            **measured,
            "data": measured["data"] or status.get("data"),
            "changes": self._changes(status),
        }

    @property
    def begun(self) -> str:
        """The time that is shown of it, that in its folder's name where it has none."""
        stamp = self._found.age[0]
        written = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}"
        return str(self.described["started"] or written)

    @property
    def state(self) -> str:
        """The state as it is shown."""
        return shown_state(self.described, self.described["alive"])

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The configuration by dotted key; that of repeats is what their runs have in common."""
        try:
            flat = dict(leaves(self._base() if self._is_repeats else self._run.config))
        except Unreadable:
            return {}
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
            return numbers(_means(self._summary) if self._is_repeats else self._run.metrics or {})
        except Unreadable:
            return {}

    @cached_property
    def parameters(self) -> Any:
        """The number of parameters, known before the first step."""
        try:
            if "parameters" in self._run.layers:
                return self._run.layers["parameters"]["total"]
        except Unreadable:
            pass
        return self.metrics.get("parameters.total")

    @cached_property
    def _summary(self) -> Mapping[str, Any]:
        return SUMMARY.read(RepeatsDir(self._found.path).summary)

    def _base(self) -> Mapping[str, Any]:
        path = RepeatsDir(self._found.path).base
        return parse_config(path, read_config_text(path))

    def _measured(self) -> Mapping[str, Any]:
        if self._is_repeats:
            return _of_repeats(self._summary)
        if self._found.kind == "sweep":
            return _of_sweep(SweepDir(self._found.path))
        metrics = self._run.metrics or {}
        data = metrics.get("data", {}).get("source")
        return {"accuracy": metrics.get("accuracy"), "images": metrics.get("images"), "data": data, "runs": None}

    def _changes(self, status: Mapping[str, Any]) -> list[str] | None:
        """Return what a run changed against the file it began with; one of many also what it has alone."""
        try:
            own: Mapping[str, Any] = {}
            if self._found.within is not None and self._found.kind == "run":
                status, own = Run(self._found.within).status, _own(self._found.path, self._found.within)
        except Unreadable:
            return None
        told = status.get("changes")
        shared = [str(change) for change in told] if isinstance(told, list) else []
        return [*shared, *(f"{key}={value}" for key, value in own.items())]


def _name(found: Found) -> str:
    """Return the experiment's name, which is that of the folder its runs lie in."""
    if found.kind == "sweep":
        return found.path.absolute().name
    if found.within is None:
        return found.path.absolute().parent.name
    of_repeats = found.within == found.path.absolute().parent
    return found.within.parent.name if of_repeats else found.within.name


def _own(path: Path, within: Path) -> Mapping[str, Any]:
    """Return the place of a trial's run in the sweep's space, or the seed or fold of a repeat."""
    kind, _, number = path.name.partition("-")
    return VALUES.read(SweepDir(within).values(path.parent.name)) or {kind: number}


def _of_repeats(summary: Mapping[str, Any]) -> dict[str, Any]:
    if not summary:
        return {**NOTHING, "runs": 0}
    told = {"images": summary["images"], "data": summary["source"], "runs": summary["runs"]}
    return {"accuracy": summary["metrics"]["accuracy"]["mean"], **told}


def _means(summary: Mapping[str, Any]) -> dict[str, Any]:
    if not summary:
        return {}
    means = {key: found["mean"] for key, found in summary["metrics"].items()}
    return {**{name: summary[name] for name in ("images", "parameters", "macs") if name in summary}, **means}


def _of_sweep(folder: SweepDir) -> dict[str, Any]:
    board = read_leaderboard(folder.leaderboard)
    if board is None:
        return {**NOTHING, "runs": 0}
    runs = sum(one.runs for one in board.standings)
    return {**NOTHING, "accuracy": board.best.tested.get("accuracy") if board.best else None, "runs": runs}

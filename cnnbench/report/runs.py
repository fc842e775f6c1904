"""The runs below a folder, one short description each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError
from cnnbench.record import is_alive
from cnnbench.rundir import RunDir, find_runs


def list_runs(root: Path) -> list[dict[str, Any]]:
    """Return path, name, state, epochs, test accuracy and time of every run below `root`, the newest last.

    A run with the state "running" is `alive` where its process runs on this machine. A run whose files cannot be
    read has the state "unreadable"; what a run does not have is None. Raises ConfigError where `root` is no folder.
    """
    if not root.is_dir():
        raise ConfigError(f"{root}: not a folder")
    if not os.access(root, os.R_OK | os.X_OK):
        raise ConfigError(f"{root}: cannot be read (Permission denied)")
    return [_describe(run) for run in find_runs(root)]


def _describe(run: RunDir) -> dict[str, Any]:
    try:
        status = run.read_status() if run.status.exists() else {"state": "unknown"}
        metrics = run.read_metrics() or {}
    except ConfigError:
        status, metrics = {"state": "unreadable"}, {}
    keys = ("state", "reason", "smoke", "epoch", "epochs", "started", "seconds")
    described = {key: status.get(key) for key in keys} | {"smoke": bool(status.get("smoke"))}
    described["alive"] = is_alive(status)
    measured = {
        "accuracy": metrics.get("accuracy"),
        "images": metrics.get("images"),
        "data": metrics.get("data", {}).get("source"),
    }
    return {"path": str(run.path), "name": run.path.parent.name, **described, **measured}

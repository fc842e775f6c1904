"""The runs below a folder, one short description each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.errors import DataError, first_line
from cnnbench.files.checked import MAPPING, Unreadable, read_bytes, read_json
from cnnbench.runs.age import age
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir, SweepDir
from cnnbench.runs.status import is_alive
from cnnbench.runs.walk import MARKS, Found, walk
from cnnbench.runs.written import SUMMARY

KEPT = ("state", "reason", "smoke", "epoch", "epochs", "started", "seconds", "network", "changes")


def list_runs(root: Path, children: bool = False) -> list[dict[str, Any]]:
    """Return path, name, state, epochs, test accuracy and time of every run below `root`, the last one begun last.

    Repeats and a sweep are one description, of kind "repeats" or "sweep", with their number of `runs`; its accuracy is
    the mean over the repeats, or over the seeds of the sweep's best trial. With `children` their runs follow.
    A run with the state "running" is `alive` where its process runs on this machine. What cannot be read has the state
    "unreadable"; what a run does not have is None. Raises ConfigError where `root` is no folder.
    """
    runs = [(found, describe(found)) for found in walk(root, children)]
    return [run for _, run in sorted(runs, key=lambda pair: _begun(*pair))]


def describe(found: Found) -> dict[str, Any]:
    """Return the description of one folder."""
    run = RunDir(found.path)
    try:
        status = run.read_status() if run.status.exists() else {"state": "unknown"}
        measured = _MEASURED[found.kind](found.path)
    except Unreadable:
        status, measured = {"state": "unreadable"}, _nothing()
    described = {key: status.get(key) for key in KEPT} | {"smoke": bool(status.get("smoke"))}
    return {
        "path": str(found.path),
        "kind": found.kind,
        "name": _name(found),
        **described,
        "alive": is_alive(found.path, status),
        **measured,
        "data": measured["data"] or status.get("data"),
        "changes": _changes(found, status),
    }


def _begun(found: Found, run: Mapping[str, Any]) -> str:
    """Return the time that is shown of a run, that in its folder's name where it has none."""
    stamp = age(found.path / MARKS[found.kind])[0]
    written = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}"
    return str(run["started"] or written)


def _changes(found: Found, status: Mapping[str, Any]) -> list[str] | None:
    """Return what a run changed against the file it began with; one of many also what it has alone."""
    try:
        own: Mapping[str, Any] = {}
        if found.within is not None and found.kind == "run":
            status, own = RunDir(found.within).read_status(), _own(found.path)
        told = status.get("changes")
        shared = [str(change) for change in told] if isinstance(told, list) else []
        return [*shared, *(f"{key}={value}" for key, value in own.items())]
    except (*Unreadable, FileNotFoundError):
        return None


def _own(path: Path) -> Mapping[str, Any]:
    """Return the place of a trial's run in the sweep's space, or the seed or fold of a repeat."""
    values = path.parent / "values.json"
    if values.is_file():
        return read_json(values, MAPPING)
    kind, _, number = path.name.partition("-")
    return {kind: number}


def shown_state(run: Mapping[str, Any]) -> str:
    """Return the state as it is shown: a run whose process is gone has stopped."""
    return "stopped" if run["state"] == "running" and not run["alive"] else str(run["state"])


def _name(found: Found) -> str:
    """Return the experiment's name, which is that of the folder its runs lie in."""
    if found.kind == "sweep":
        return found.path.absolute().name
    if found.within is None:
        return found.path.absolute().parent.name
    of_repeats = found.within == found.path.absolute().parent
    return found.within.parent.name if of_repeats else found.within.name


def _nothing() -> dict[str, Any]:
    return {"accuracy": None, "images": None, "data": None, "runs": None}


def _of_run(path: Path) -> dict[str, Any]:
    metrics = RunDir(path).read_metrics() or {}
    data = metrics.get("data", {}).get("source")
    return {"accuracy": metrics.get("accuracy"), "images": metrics.get("images"), "data": data, "runs": None}


def _of_repeats(path: Path) -> dict[str, Any]:
    folder = RepeatsDir(path)
    if not folder.summary.exists():
        return {**_nothing(), "runs": 0}
    summary = read_json(folder.summary, SUMMARY)
    return {
        "accuracy": summary["metrics"]["accuracy"]["mean"],
        "images": summary["images"],
        "data": summary["source"],
        "runs": summary["runs"],
    }


def _of_sweep(path: Path) -> dict[str, Any]:
    folder = SweepDir(path)
    if not folder.leaderboard.exists():
        return {**_nothing(), "runs": 0}
    try:
        rows = list(csv.DictReader(io.StringIO(read_bytes(folder.leaderboard).decode("utf-8"), newline="")))
        best = rows[0]["test_accuracy"] if rows and rows[0]["rank"] else ""
        runs = sum(int(row["runs"] or 0) for row in rows)
        return {**_nothing(), "accuracy": float(best) if best else None, "runs": runs}
    except (ValueError, KeyError, TypeError, csv.Error) as e:
        raise DataError(f"{folder.leaderboard}: not a table of trials ({first_line(e)})") from None


_MEASURED = {"run": _of_run, "repeats": _of_repeats, "sweep": _of_sweep}

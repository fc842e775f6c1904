"""Runs as the lines of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.runs.status import shown_state
from cnnbench.text import duration, label, percent, printable, width
from cnnbench.views.layout import aligned, row_lines

NAME_LIMIT = 40
COLUMNS = ["started (UTC)", "name", "data", "network", "changed"]
COLUMNS += ["state", "epochs", "accuracy", "time", "folder"]
# Left out first where the folder, which has time and name in it, stands in a line of its own.
LEAST = ("time", "epochs", "started (UTC)", "name", "network", "data")


def run_table(runs: Sequence[Mapping[str, Any]], room: int | None = None) -> str:
    """Return one line per run as `list_runs` describes it, under a header.

    Where `room` columns of a terminal are too few, the folder has a line of its own above the others.
    """
    rows = [COLUMNS, *map(_row, runs)]
    numbers = [COLUMNS.index(title) for title in ("epochs", "accuracy", "time")]
    table = aligned(rows, numbers, fold=())
    if room is None or max(map(width, table.splitlines())) <= room:
        return table
    least = [COLUMNS.index(title) for title in LEAST]
    folded = [COLUMNS.index(title) for title in ("name", "changed")]
    shown = row_lines([row[:-1] for row in rows], numbers, room - 2, least, folded)
    return "".join(
        f"{row[-1]}\n" + "".join(f"  {line}" for line in lines) for lines, row in zip(shown, rows, strict=True)
    )


def _row(run: Mapping[str, Any]) -> list[str]:
    started = str(run["started"] or "")[:16].replace("T", " ")
    state = shown_state(run, run["alive"]) + (" (smoke)" if run["smoke"] else "")
    epochs = f"{run['epoch']}/{run['epochs']}" if run["epoch"] is not None and run["epochs"] else ""
    runs = run.get("runs")
    of_many = {"repeats": "mean ", "sweep": "best "}.get(run.get("kind", "run"), "")
    accuracy = of_many + percent(run["accuracy"]) if run["accuracy"] is not None else ""
    time = duration(run["seconds"]) if run["seconds"] is not None else ""
    name, many = label(run["name"], NAME_LIMIT), f"{runs} run{'' if runs == 1 else 's'}"
    data, network, changes = str(run.get("data") or ""), str(run.get("network") or ""), run.get("changes") or ()
    origin = [label(data), label(network), _one_line(", ".join(map(_shortened, changes)))]
    measured = [state, epochs if runs is None else many, accuracy, time]
    return [started, name, *origin, *measured, printable(run["path"])]


def _shortened(change: str) -> str:
    """Return `learning_rate=0.01` of `train.optimizer.learning_rate=0.01`."""
    key, _, value = change.partition("=")
    return f"{key.rpartition('.')[2]}={label(value, 32)}"


def _one_line(text: str) -> str:
    return " ".join(printable(text).splitlines())

"""The tables of repeated runs: a line for every run, every measure, every class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnbench.catalogue.measures import measure, title
from cnnbench.repeats.results import Repeats
from cnnbench.runs.run import Run
from cnnbench.text import NOTHING, count, duration, in_unit, percent, significant
from cnnbench.views.page import named
from cnnbench.views.table import Column, Table

Row = Mapping[str, Any]

SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
SAID_ONCE = "micro."  # averages over images are the accuracy


def runs(found: Repeats) -> Table[Run]:
    """Return every run, finished or not, with a link to its page."""

    def page(child: Run) -> str | None:
        return f"{child.path.name}/report.html" if child.folder.report.exists() else None

    def state(child: Run) -> str:
        if child.is_done:
            return ""
        told = child.status.get("reason")
        reason = found.status.get("failed", {}).get(child.path.name) or told
        return f"{child.status.get('state', 'not begun')}{f': {reason}' if reason else ''}"

    columns: tuple[Column[Run], ...] = (
        Column("run", lambda child: child.path.name, key="run", left=True, link=page),
        Column("test accuracy", _measured("accuracy"), percent, "accuracy"),
        Column("95 % (Wilson)", _measured("accuracy_interval"), _interval("share")),
        Column("validation", lambda child: child.kept.get("val_accuracy"), percent, "val_accuracy"),
        Column("macro F1", _measured("macro", "f1"), percent, "macro_f1"),
        Column("log loss", _measured("log_loss"), significant, "log_loss"),
        Column("kept epoch", _kept_epoch),
        Column("time", lambda child: child.status.get("seconds"), duration, "seconds"),
    )
    ended = Column("", state, left=True)
    return Table(
        "runs",
        columns if len(found.finished) == len(found.children) else (*columns, ended),
        found.children,
        lambda child: "" if child.is_done else "failed",
    )


def _kept_epoch(child: Run) -> str:
    if child.config.get("model", {}).get("estimator"):
        return "fitted at once"
    return f"{child.status.get('kept_epoch') or NOTHING} of {len(child.history)}"


def measures(summary: Row) -> Table[tuple[str, Row]]:
    """Return mean, standard deviation, interval, lowest and highest of every number."""
    columns: tuple[Column[tuple[str, Row]], ...] = (
        Column("metric", lambda row: title(row[0]), left=True),
        _statistic("mean", lambda found: found["mean"]),
        _statistic("standard deviation", lambda found: found["std"]),
        Column("95 % interval (t)", lambda row: _interval(measure(row[0]).unit)(row[1]["interval"])),
        _statistic("lowest", lambda found: min(found["values"])),
        _statistic("highest", lambda found: max(found["values"])),
        Column("runs", lambda row: row[1]["runs"], count),
    )
    rows = [(name, found) for name, found in summary["metrics"].items() if not name.startswith(SAID_ONCE)]
    return Table("metrics", columns, rows)


def classes(summary: Row) -> Table[Row]:
    """Return the scores of every class over the runs."""
    columns: tuple[Column[Row], ...] = (
        Column("class", lambda row: str(row["class"]), named, left=True, tip=lambda row: str(row["class"])),
        *(Column(name, _score(score), _mean_and_spread) for score, name in SCORES.items()),
        Column("95 % interval of F1 (t)", lambda row: row["f1"]["interval"], _interval("share")),
        Column("support", lambda row: row["support"], count),
    )
    return Table("scores per class", columns, summary["per_class"])


def _measured(*keys: str) -> Callable[[Run], Any]:
    """Return what takes a measure of a run, None of one that has not finished or does not have it."""

    def value(child: Run) -> Any:
        found: Any = child.metrics if child.is_done else None
        for key in keys:
            found = found and found.get(key)
        return found

    return value


def _score(score: str) -> Callable[[Row], Any]:
    return lambda row: row[score]


def _statistic(name: str, value: Callable[[Row], float | None]) -> Column[tuple[str, Row]]:
    return Column(name, lambda row: in_unit(value(row[1]), measure(row[0]).unit))


def _interval(unit: str) -> Callable[[Any], str]:
    return lambda ends: NOTHING if ends is None else f"{in_unit(ends[0], unit)} to {in_unit(ends[1], unit)}"


def _mean_and_spread(found: Row) -> str:
    return percent(found["mean"]) + (f" ± {percent(found['std'])}" if found["std"] is not None else "")

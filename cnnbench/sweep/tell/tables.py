"""The tables of a sweep, each said once: the page and the terminal show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cnnbench.catalogue.measures import FOUR, measure
from cnnbench.runs.parents import SweepDir
from cnnbench.statistics.intervals import Mean
from cnnbench.statistics.runs import MeanDifference
from cnnbench.sweep.define.sweep import Axis, Range
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell import facts
from cnnbench.sweep.tell.axis_tables import SPLITS, AxisRow, AxisTable
from cnnbench.sweep.tell.gains import Gain
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import (
    NAME_LIMIT,
    NAMES,
    plural,
    shown_interval,
    shown_mean,
    shown_value,
    shown_values,
)
from cnnbench.text import NOTHING, count, duration, fixed, label, p_value, points, significant
from cnnbench.views.table import Column, Table, pairs

REASON_LIMIT = 60
LAST = 90  # left out after the costs and the intervals: swept values, the first one last


def ranking(results: SweepResults, folder: SweepDir | None = None, limit: int | None = None) -> Table[Ranked]:
    """Return the first `limit` trials, all where it is None, in the order of their rank; trials link to their pages.

    With a folder it is the table of the page, without one that of the terminal.
    """
    metrics = [objective.metric for objective in results.sweep.objectives]
    swept = list(facts.names(results).items())

    def link(one: Ranked) -> str | None:
        return None if folder is None else facts.link(one.trial, folder)

    columns: list[Column[Ranked]] = [
        Column("rank", lambda one: one.rank, _or_nothing, least=LAST + len(swept)),
        Column("trial", lambda one: one.trial.number, link=link),
        *(column for metric in metrics for column in _of_metric(metric)),
        *(_swept(path, name, at) for at, (path, name) in enumerate(swept)),
        Column("epochs run", lambda one: one.epochs, _epochs, least=0),
        Column("time", lambda one: one.seconds, duration, least=1),
        Column("state", lambda one: one.trial.state, left=True),
    ]
    if folder is None:
        columns.append(Column("reason", lambda one: _one_line(one.trial.reason), left=True, fold=True))
    else:
        tested: Column[Ranked] = Column("test accuracy", lambda one: one.tested("accuracy"), _mean_of("accuracy"))
        columns.insert(len(columns) - 3, tested)
    return Table("ranking", columns, ranked(results)[:limit], lambda one: "" if one.trial.state == "done" else "out")


def space(results: SweepResults) -> Table[tuple[str, str]]:
    """Return the swept keys and what was tried of each."""
    key: Column[tuple[str, str]] = Column("key", lambda row: row[0], left=True)
    rows = [(axis.path, _tried(axis)) for axis in results.sweep.space]
    return Table("swept keys", (key, Column("values", lambda row: row[1], left=True)), rows)


def pruned(results: SweepResults, folder: SweepDir) -> Table[Trial]:
    """Return the pruned trials."""
    names = facts.names(results)
    columns: list[Column[Trial]] = [
        Column("trial", lambda trial: trial.number, link=lambda trial: facts.link(trial, folder)),
        Column("swept values", lambda trial: shown_values(trial.values, names), left=True),
        Column("epochs", lambda trial: sum(run.epochs for run in trial.runs), count),
        Column("reason", lambda trial: trial.reason, left=True),
    ]
    return Table("pruned trials", columns, [trial for trial in results.trials if trial.state == "pruned"])


def of_axis(table: AxisTable, metrics: Sequence[str]) -> Table[AxisRow]:
    """Return what each listed value of a key gave."""
    columns: list[Column[AxisRow]] = [Column("value", lambda row: label(row.value, NAME_LIMIT), left=True)]
    for metric in metrics:
        columns += [
            Column(f"{metric} (mean ± std)", _found(metric), _mean_of(metric)),
            Column("95 % interval", _found(metric), _interval_of(metric)),
        ]
    columns += [
        Column("epochs run", lambda row: row.epochs, _epochs),
        Column("time", lambda row: row.seconds, duration),
        *([Column("trials", lambda row: row.trials)] if table.kind == "best" else []),
        *([Column("", lambda row: row.mark, left=True)] if any(row.mark for row in table.rows) else []),
    ]
    return Table(table.path, columns, table.rows)


def measures_of_axis(table: AxisTable) -> Table[AxisRow]:
    """Return the four measures of validation and of test images for each listed value of a key; empty for none."""
    there = [split for split in SPLITS if any(row.measured.get(split) for row in table.rows)]
    columns: list[Column[AxisRow]] = [
        Column("value", lambda row: label(row.value, NAME_LIMIT)),
        *(Column(f"{split} {NAMES[key]}", _measured(split, key), _mean_of(key)) for split in there for key in FOUR),
    ]
    return Table(f"measures of {table.path}", columns, table.rows if there else [])


def measures(results: SweepResults) -> Table[Ranked]:
    """Return the four measures of validation and of test images of each trial that is done, in the order of rank."""
    done = [one for one in ranked(results) if one.rank is not None]
    asked = {split: Ranked.tested if split == "test" else Ranked.validated for split in SPLITS}
    known = {split: of for split, of in asked.items() if any(of(one, FOUR[-1]) for one in done)}
    there = {f"{split} {NAMES[key]}": (key, partial(of, key=key)) for split, of in known.items() for key in FOUR}
    columns: list[Column[Ranked]] = [
        Column("trial", lambda one: one.trial.number),
        *(Column(title, of, _mean_of(key)) for title, (key, of) in there.items()),
    ]
    return Table("measures", columns, done if there else [])


def gave(found: Sequence[Gain], metric: str) -> Table[Gain]:
    """Return what each technique of an ablation gave: how much better the base is than the base without it."""
    share = measure(metric).is_share
    write, unit = (points, " in points") if share else (_signed, "")
    columns: list[Column[Gain]] = [
        Column("technique", lambda gain: gain.technique, key="technique"),
        Column(f"{metric} without", lambda gain: gain.without, _mean_of(metric), least=2),
        Column(f"gave{unit}", lambda gain: gain.difference, write, "difference"),
        Column("95 % interval", lambda gain: gain.interval, lambda ends: _ends(ends, write), least=4),
        Column("verdict", lambda gain: gain.verdict, key="verdict", left=True),
        Column("pairs", lambda gain: gain.pairs, key="pairs", least=1),
        Column("p", lambda gain: gain.p, p_value, "p", least=3),
        Column("p (Holm)", lambda gain: gain.adjusted, p_value, "p_holm", least=5),
        Column("gave on test images", lambda gain: gain.tested, _tested, least=0),
    ]
    return Table("what each gave", columns, found)


def _tested(found: MeanDifference | None) -> str:
    if found is None:
        return NOTHING
    return points(found.difference) + (f" ({_ends(found.interval, points)})" if found.interval else "")


def _ends(ends: tuple[float, float] | None, write: Callable[[float], str]) -> str:
    return NOTHING if ends is None else f"{write(ends[0])} to {write(ends[1])}"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{significant(abs(value))}"


def files(folder: SweepDir) -> Table[tuple[str, str]]:
    """Return the files of the sweep, each with a link and what it holds."""
    found = pairs("files", facts.files(folder))
    name: Column[tuple[str, str]] = Column("", lambda row: row[0], left=True, link=lambda row: row[0])
    return Table(found.name, (name, found.columns[1]), found.rows)


def _of_metric(metric: str) -> tuple[Column[Ranked], Column[Ranked]]:
    def value(one: Ranked) -> Mean | None:
        return one.means.get(metric)

    return Column(metric, value, _mean_of(metric)), Column("95 % interval", value, _interval_of(metric), least=2)


def _swept(path: str, name: str, at: int) -> Column[Ranked]:
    """Return the column of a swept key; the first one is never left out."""
    least = None if at == 0 else LAST - at
    return Column(
        label(name, NAME_LIMIT),
        lambda one: label(shown_value(one.trial.values[path]), NAME_LIMIT),
        least=least,
        fold=True,
    )


def _measured(split: str, key: str) -> Callable[[AxisRow], Mean | None]:
    return lambda row: row.measured.get(split, {}).get(key)


def _found(metric: str) -> Callable[[AxisRow], Mean | None]:
    return lambda row: row.means.get(metric)


def _mean_of(metric: str) -> Callable[[Any], str]:
    return lambda mean: shown_mean(metric, mean) if mean else NOTHING


def _interval_of(metric: str) -> Callable[[Any], str]:
    return lambda mean: shown_interval(metric, mean) if mean else NOTHING


def _epochs(value: float | None) -> str:
    return NOTHING if value is None else fixed(value, 0 if float(value).is_integer() else 1)


def _or_nothing(value: object) -> str:
    return NOTHING if value is None else str(value)


def _one_line(text: str) -> str:
    return label(" ".join(text.split()), REASON_LIMIT)


def _tried(axis: Axis) -> str:
    if isinstance(axis, Range):
        steps = f", {plural(len(axis.grid), 'value')}" if axis.grid else ""
        scale = ", logarithmic" if axis.log else ""
        kind = ", whole numbers" if axis.integer else ""
        return f"{axis.low:g} to {axis.high:g}{scale}{kind}{steps}"
    labels = [{axis.path: choice.label} for choice in axis.choices]
    return ", ".join(shown_values(value, {axis.path: ""}).strip() for value in labels)

"""The tables of a study: what is published beside what is measured, for pages, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnbench.studies.lines import Line
from cnnbench.studies.measured import Measured
from cnnbench.text import NOTHING, count, duration, fixed
from cnnbench.views.table import Column, Table

WRONG = ("differs by more than the interval", "does not hold", "the source contradicts itself")
UNTOLD = ("cannot be told", "weights not available", "not run yet")


def everything(lines: Sequence[Line]) -> Table[Line]:
    """Return the table of files: every line with data, time and command of its row."""
    return Table("results", (*_said(), *_found(), _where(), *_row()), lines)


def numbers(lines: Sequence[Line]) -> Table[Line]:
    """Return the table of a page: numbers and words."""
    return Table("published and measured", (*_said(), *_found(), _where()), lines, _mark, whole=True)


def beside(lines: Sequence[Line]) -> Table[Line]:
    """Return the table of a page of what is measured and not published."""
    said = [column for column in _said() if column.key not in ("kind", "title", "published")]
    return Table("measured beside", (*said, _number("measured", "measured"), _interval(), _runs()), lines, whole=True)


def claims(lines: Sequence[Line]) -> Table[Line]:
    """Return the table of what is said of rows against each other."""
    columns = (
        Column[Line]("claim", lambda line: line.title, left=True, tip=lambda line: line.key),
        _text("verdict", lambda line: line.judged),
        _number("difference or factor", "measured"),
        _interval(),
        _text("said", lambda line: line.published),
        _text("compared", lambda line: line.what),
        _text("by", lambda line: line.how or NOTHING),
        _where(),
    )
    return Table("claims", columns, lines, _mark, whole=True)


def _mark(line: Line) -> str:
    return "against" if line.verdict in WRONG else "out" if line.verdict in UNTOLD else ""


def _said() -> tuple[Column[Line], ...]:
    return (
        _raw("kind"),
        Column(
            "row", lambda line: line.key, key="key", left=True, link=lambda line: line.page, tip=lambda line: line.title
        ),
        _raw("title"),
        Column("what", lambda line: line.what, key="what", left=True, fold=True),
        Column("published", lambda line: line.published, key="published"),
    )


def _found() -> tuple[Column[Line], ...]:
    return (
        _number("measured", "measured"),
        _text("verdict", lambda line: line.judged),
        _number("difference", "difference", signed=True),
        _interval(),
        *map(_raw, ("measured", "low", "high", "difference", "verdict", "reason")),
        _runs(),
    )


def _runs() -> Column[Line]:
    return Column(
        "runs", lambda line: line.runs, lambda runs: NOTHING if runs is None else count(runs), "runs", least=2
    )


def _where() -> Column[Line]:
    return Column("where", lambda line: line.at, key="at", left=True, least=1)


def _row() -> tuple[Column[Line], ...]:
    """Return what is the same of all numbers of a row."""

    def of_row(title: str, key: str, value: Callable[[Measured], Any], write: Callable[[Any], str]) -> Column[Line]:
        return Column(title, lambda line: None if line.row is None else value(line.row), write, key, left=True)

    def words(value: Any) -> str:
        return str(value or NOTHING)

    return (
        of_row("data", "data", lambda row: row.data, words),
        of_row("deviates", "deviations", lambda row: "; ".join(row.row.deviations), words),
        Column("note", lambda line: line.note, words, "note", left=True),
        of_row("time", "seconds", lambda row: row.seconds, duration),
        of_row("command", "command", lambda row: row.command, words),
    )


def _text(title: str, value: Callable[[Line], str]) -> Column[Line]:
    return Column(title, value, left=True, fold=True)


def _interval() -> Column[Line]:
    return Column("interval (95 %)", lambda line: line.interval, least=0)


def _number(title: str, name: str, *, signed: bool = False) -> Column[Line]:
    """Return the column that people read of a number, with the digits of its line."""

    def written(line: Line) -> str:
        text = fixed(getattr(line, name), line.decimals)
        return f"+{text}" if signed and text[:1].isdecimal() and float(text.replace(",", "")) else text

    return Column(title, written)


def _raw(name: str) -> Column[Line]:
    """Return the column of files, in full precision."""
    return Column("", lambda line: getattr(line, name), key=name)

"""The tables of a comparison, each said once: the terminal, Markdown, the page and CSV show them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbench.compare.comparison import Block, Comparison, places
from cnnbench.compare.corrupted import UnderCorruption
from cnnbench.compare.difference import Difference
from cnnbench.compare.disagreements import ClassF1, class_differences
from cnnbench.compare.runs import Group, LeftOut
from cnnbench.compare.wording import interval, short
from cnnbench.report.robustness import title
from cnnbench.text import NOTHING, count, duration, label, p_value, percent, points, significant
from cnnbench.views.table import Column, Table

METHODS = {True: "Wilson", False: "t"}

# Columns of the ranked table besides accuracy: title, measure, how it is written, when a terminal leaves it out.
MEASURES: tuple[tuple[str, str, Callable[[float | None], str], int], ...] = (
    ("macro F1", "macro.f1", percent, 5),
    ("log loss", "log_loss", significant, 4),
    ("parameters", "parameters.total", count, 6),
    ("MACs", "macs", count, 1),
    ("training", "times.epochs_seconds", duration, 3),
)


@dataclass(frozen=True)
class Ranked:
    """A group at its place in a block."""

    place: int
    group: Group
    block: Block

    @property
    def difference(self) -> Difference | None:
        """What sets it apart from the baseline, None for the baseline itself."""
        return self.block.to_baseline(self.group)


def ranked(blocks: Sequence[Block], by: str, beside: Path | None = None) -> Table[Ranked]:
    """Return a row for each group, the best first; names link to pages as seen from the folder `beside`."""
    other = [] if by in {"accuracy", *(measure for _, measure, _, _ in MEASURES)} else [by]
    columns: list[Column[Ranked]] = [
        Column("rank", lambda row: row.place, key="rank"),
        Column("name", lambda row: _name(row.group), left=True, fold=True, link=lambda row: _page(row.group, beside)),
        Column("", lambda row: row.group.name, key="name"),
        Column("", lambda row: str(row.group.path), key="path"),
        Column("", lambda row: row.group.kind, key="kind"),
        Column("runs", lambda row: _runs(row.group), least=7),
        Column("", lambda row: len(row.group.runs), key="runs"),
        Column("", lambda row: row.group.smoke, key="smoke"),
        Column("", lambda row: row.group.images, key="images"),
        Column("accuracy", _mean("accuracy"), percent, "accuracy"),
        Column("", lambda row: _of(row.group.mean("accuracy"), "std"), key="accuracy_std"),
        Column("95 % interval", lambda row: accuracy_interval(row.group), least=8),
        Column("", lambda row: _end(row.group.accuracy_interval, 0), key="accuracy_low"),
        Column("", lambda row: _end(row.group.accuracy_interval, 1), key="accuracy_high"),
        Column("", lambda row: METHODS[row.group.single], key="interval"),
        *(Column(measure, _mean(measure), significant, measure) for measure in other),
        *(Column(title, _mean(measure), write, measure, least=least) for title, measure, write, least in MEASURES),
        Column("images/s", lambda row: speed(row.group), count, "images_per_second", least=0),
        Column("epochs", lambda row: epochs(row.group), key="epochs", least=2),
        Column("", lambda row: row.block.baseline.name, key="baseline"),
        *_differences(),
    ]
    rows = [
        Ranked(place, group, block)
        for block in blocks
        for place, group in zip(places(block.groups, by), block.groups, strict=True)
    ]
    return Table("ranking", columns, rows)


def differences(found: Sequence[Difference]) -> Table[Difference]:
    """Return a row for each tested pair."""
    several = any(one.tests > 1 for one in found)
    columns: list[Column[Difference]] = [
        Column("A", lambda one: short(one.a), left=True, fold=True),
        Column("B", lambda one: short(one.b), left=True, fold=True),
        Column("", lambda one: one.a.name, key="a"),
        Column("", lambda one: one.b.name, key="b"),
        Column("A − B in points", lambda one: one.difference, points, "difference"),
        Column("95 % interval", lambda one: interval(one.interval), least=4),
        Column("", lambda one: _end(one.interval, 0), key="low"),
        Column("", lambda one: _end(one.interval, 1), key="high"),
        Column("", lambda one: one.method, key="method"),
        Column("test", _test, left=True, fold=True, least=6),
        Column("", lambda one: one.test, key="test"),
        Column("p", lambda one: one.p, p_value, "p", least=5),
        Column("p (Holm)" if several else "", lambda one: one.adjusted, p_value, "p_holm"),
        Column("", lambda one: one.tests, key="tests"),
        Column("both right", lambda one: one.agreement.both, count, "both_right", least=1),
        Column("only A", lambda one: one.agreement.only_a, count, "only_a", least=3),
        Column("only B", lambda one: one.agreement.only_b, count, "only_b", least=2),
        Column("neither", lambda one: one.agreement.neither, count, "neither", least=0),
        Column("", verdict, key="verdict"),
    ]
    return Table("differences", columns, found)


def corrupted(block: Block) -> Table[UnderCorruption]:
    """Return a row for each kind of corruption and pair: means over its strengths."""
    columns: list[Column[UnderCorruption]] = [
        Column("corruption", lambda row: title(row.kind), key="kind", left=True),
        Column("A", lambda row: short(row.a), left=True, fold=True),
        Column("B", lambda row: short(row.b), left=True, fold=True),
        Column("accuracy of A", lambda row: row.accuracies[0], percent, least=1),
        Column("of B", lambda row: row.accuracies[1], percent, least=1),
        Column("A − B in points", lambda row: row.difference, points, "difference"),
        Column("95 % interval", lambda row: interval(row.interval), least=2),
        Column("p", lambda row: row.p, p_value, "p", least=0),
        Column("p (Holm)", lambda row: row.adjusted, p_value, "p_holm"),
    ]
    return Table("corrupted test images", columns, block.corrupted.rows)


def classes(block: Block) -> Table[ClassF1]:
    """Return F1 per class of the baseline and the differences to it of the other groups, the largest first."""
    others = compared(block)
    columns: list[Column[ClassF1]] = [
        Column("class", lambda line: label(line.name, 40), left=True, fold=True, tip=lambda line: line.name),
        Column("images", lambda line: line.support, count, least=0),
        Column(f"F1 of {short(block.baseline)}", lambda line: line.baseline, percent, fold=True),
        *(Column(f"{short(group)} in points", _apart(at), points, fold=True) for at, group in enumerate(others)),
    ]
    return Table("F1 per class", columns, class_differences(block.baseline, others))


def left_out(comparison: Comparison) -> Table[LeftOut]:
    """Return a row for each folder that is left out, and why."""
    path: Column[LeftOut] = Column("left out", lambda one: str(one.path), left=True, fold=True)
    return Table("left out", (path, Column("why", lambda one: one.reason, left=True, fold=True)), comparison.left_out)


def folders(block: Block, beside: Path | None) -> Table[Group]:
    """Return where each group lies, with links to the pages there."""
    name: Column[Group] = Column("name", short, left=True, link=lambda group: _page(group, beside))
    return Table("folders", (name, Column("folder", lambda group: str(group.path), left=True)), block.groups)


def compared(block: Block) -> list[Group]:
    """Return the groups besides the baseline, the best first."""
    return [group for group in block.groups if group is not block.baseline]


def verdict(found: Difference) -> str:
    """Return "a better", "b better", "cannot tell" or "not tested"."""
    if found.p is None:
        return "not tested"
    return ("a better" if found.difference > 0 else "b better") if found.significant else "cannot tell"


def speed(group: Group) -> float | None:
    """Return images per second in training, a mean over runs."""
    speeds = [run.images_per_second for run in group.runs]
    known = [one for one in speeds if one is not None]
    return sum(known) / len(known) if known else None


def epochs(group: Group) -> str:
    """Return how many epochs were trained, of several runs the fewest and the most."""
    numbers = sorted({run.epochs for run in group.runs})
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def accuracy_interval(group: Group) -> str:
    """Return the interval of the accuracy with its method in one word, a dash for runs that all agree."""
    if group.accuracy_interval is None:
        return NOTHING
    low, high = group.accuracy_interval
    return f"{percent(low, sign='')} to {percent(high, sign='')} ({METHODS[group.single]})"


def _differences() -> list[Column[Ranked]]:
    """Return what a file says of each group against the baseline."""
    found: dict[str, Callable[[Difference], Any]] = {
        "difference": lambda one: one.difference,
        "difference_low": lambda one: _end(one.interval, 0),
        "difference_high": lambda one: _end(one.interval, 1),
        "test": lambda one: one.test,
        "p": lambda one: one.p,
        "p_holm": lambda one: one.adjusted,
    }

    def of(value: Callable[[Difference], Any]) -> Callable[[Ranked], Any]:
        return lambda row: None if row.difference is None else value(row.difference)

    return [Column("", of(value), key=key) for key, value in found.items()]


def _name(group: Group) -> str:
    return short(group) + (" (smoke)" if group.smoke else "")


def _page(group: Group, beside: Path | None) -> str | None:
    """Return where the page of a group is, as seen from a folder; None where there is none to be seen."""
    pages = (group.path / "report.html", group.runs[0].path / "report.html")
    found = next((page for page in pages if page.is_file()), None)
    if beside is None or found is None:
        return None
    return Path(os.path.relpath(found.resolve(), beside.resolve())).as_posix()


def _runs(group: Group) -> str:
    return str(len(group.runs)) if len(group.runs) == group.of else f"{len(group.runs)} of {group.of}"


def _mean(measure: str) -> Callable[[Ranked], float | None]:
    return lambda row: _of(row.group.mean(measure), "mean")


def _of(found: object, name: str) -> Any:
    return None if found is None else getattr(found, name)


def _end(ends: tuple[float, float] | None, at: int) -> float | None:
    return None if ends is None else ends[at]


def _apart(at: int) -> Callable[[ClassF1], float]:
    return lambda line: line.differences[at]


def _test(found: Difference) -> str:
    return f"{found.test} ({found.runs})" if found.test and found.runs else found.test or NOTHING

"""A comparison as tables of plain text cells, for the terminal, Markdown and the page, and as CSV rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnbench.compare.comparison import Block, Comparison, places
from cnnbench.compare.difference import Difference
from cnnbench.compare.disagreements import class_differences
from cnnbench.compare.runs import Group
from cnnbench.compare.wording import interval, p_value, points, short
from cnnbench.statistics.intervals import Mean
from cnnbench.text import NOTHING, count, duration, fixed, label, percent, share, significant

Table = list[list[str]]
METHODS = {True: "Wilson", False: "t"}
MANY_CLASSES = 12
MANY_GROUPS = 6

# Columns of the ranked table besides accuracy: title, measure, how it is written.
MEASURES: tuple[tuple[str, str, Callable[[float | None], str]], ...] = (
    ("macro F1", "macro.f1", share),
    ("log loss", "log_loss", significant),
    ("parameters", "parameters.total", count),
    ("MACs", "macs", count),
    ("training", "times.epochs_seconds", duration),
)


def ranked_table(block: Block, by: str) -> Table:
    """Return a header and a row per group, the best first."""
    sorted_by = [] if by in {"accuracy", *(measure for _, measure, _ in MEASURES)} else [by]
    titles = [title for title, _, _ in MEASURES]
    header = ["rank", "name", "runs", "accuracy", "95 % interval", *sorted_by, *titles, "images/s", "epochs"]
    rows = [
        [str(place), short(group) + (" (smoke)" if group.smoke else ""), _runs(group)]
        + [percent(_mean(group.mean("accuracy"))), accuracy_interval(group)]
        + [significant(_mean(group.mean(measure))) for measure in sorted_by]
        + [write(_mean(group.mean(measure))) for _, measure, write in MEASURES]
        + [count(speed(group)), epochs(group)]
        for place, group in zip(places(block.groups, by), block.groups, strict=True)
    ]
    return [header, *rows]


def difference_table(block: Block) -> Table:
    """Return a header and a row per tested pair."""
    several = any(found.tests > 1 for found in block.differences)
    holm = ["p (Holm)"] if several else []
    header = ["A", "B", "A − B in points", "95 % interval", "test", "p", *holm]
    header += ["both right", "only A", "only B", "neither"]
    return [header, *(_difference_row(found, several) for found in block.differences)]


def class_table(block: Block) -> Table:
    """Return F1 per class of the baseline and the differences to it of the other groups, the largest first."""
    others = compared(block)
    header = ["class", "images", f"F1 of {short(block.baseline)}", *(short(group) for group in others)]
    lines = class_differences(block.baseline, others)
    rows = [
        [label(line.name, 40), count(line.support), share(line.baseline), *(signed(d) for d in line.differences)]
        for line in lines
    ]
    return [header, *rows]


def compared(block: Block) -> list[Group]:
    """Return the groups besides the baseline, the best first."""
    return [group for group in block.groups if group is not block.baseline]


def left_out_table(comparison: Comparison) -> Table:
    """Return a row per folder that is left out, and why."""
    return [["left out", "why"], *([str(one.path), one.reason] for one in comparison.left_out)]


def csv_table(comparison: Comparison) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of the ranked table in full precision, with the difference to the baseline."""
    measured = [measure for _, measure, _ in MEASURES]
    header = ["rank", "name", "path", "kind", "runs", "smoke", "images", "accuracy", "accuracy_std", "accuracy_low"]
    header += ["accuracy_high", "interval", *measured, "images_per_second", "epochs", "baseline", "difference"]
    header += ["difference_low", "difference_high", "test", "p", "p_holm"]
    by = comparison.options.by
    if by not in header:
        header.insert(header.index("interval") + 1, by)
        measured.insert(0, by)
    return header, [_csv_row(block, group, place, measured) for block, group, place in _all(comparison)]


def csv_pairs(comparison: Comparison) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of every difference that is shown, in full precision."""
    header = ["a", "b", "difference", "low", "high", "method", "test", "p", "p_holm", "tests"]
    header += ["both_right", "only_a", "only_b", "neither", "verdict"]
    return header, [_csv_pair(found) for block in comparison.blocks for found in block.differences]


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


def signed(score: float) -> str:
    """Return a difference of scores between 0 and 1 with its sign: +0.0123."""
    text = fixed(abs(score))
    return text if not float(text) else f"{'+' if score > 0 else '−'}{text}"


def _runs(group: Group) -> str:
    return str(len(group.runs)) if len(group.runs) == group.of else f"{len(group.runs)} of {group.of}"


def _mean(mean: Mean | None) -> float | None:
    return None if mean is None else mean.mean


def _difference_row(found: Difference, several: bool) -> list[str]:
    counts = found.agreement
    test = f"{found.test} ({found.runs})" if found.test and found.runs else found.test or NOTHING
    row = [short(found.a), short(found.b), points(found.difference), interval(found.interval), test, p_value(found.p)]
    row += [p_value(found.adjusted)] if several else []
    return row + [count(n) for n in (counts.both, counts.only_a, counts.only_b, counts.neither)]


def _all(comparison: Comparison) -> list[tuple[Block, Group, int]]:
    by = comparison.options.by
    return [
        (block, group, place)
        for block in comparison.blocks
        for group, place in zip(block.groups, places(block.groups, by), strict=True)
    ]


def _csv_row(block: Block, group: Group, place: int, measured: Sequence[str]) -> list[Any]:
    accuracy, found = group.mean("accuracy"), block.to_baseline(group)
    row: list[Any] = [place, group.name, str(group.path), group.kind, len(group.runs), group.smoke, group.images]
    row += [_mean(accuracy), accuracy.std if accuracy else None]
    row += [*(group.accuracy_interval or (None, None)), METHODS[group.single]]
    row += [_mean(group.mean(measure)) for measure in measured]
    row += [speed(group), epochs(group), block.baseline.name]
    if found is None:
        return row + [None] * 6
    return [*row, found.difference, *(found.interval or (None, None)), found.test, found.p, found.adjusted]


def _csv_pair(found: Difference) -> list[Any]:
    counts = found.agreement
    row = [found.a.name, found.b.name, found.difference, *(found.interval or (None, None)), found.method, found.test]
    row += [found.p, found.adjusted, found.tests, counts.both, counts.only_a, counts.only_b, counts.neither]
    return [*row, verdict(found)]

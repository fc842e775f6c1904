"""A comparison as text for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.compare import tables
from cnnbench.compare.comparison import Block, Comparison
from cnnbench.compare.tables import Table
from cnnbench.compare.wording import cautions, sentence, short
from cnnbench.text import printable
from cnnbench.views.layout import aligned

SMOKE = "Smoke runs are among these: shrunk to seconds, their numbers say nothing about the networks."
CLASSES = "F1 per class of the baseline, and by how much that of the others differs from it"
# Columns that a terminal without room for them leaves out, the first ones first.
RANKED_LEAST = ("images/s", "MACs", "epochs", "training", "log loss", "macro F1", "parameters", "runs", "95 % interval")
DIFFERENCE_LEAST = ("neither", "both right", "only B", "only A", "95 % interval", "p", "test")
APART = "These groups were tested on different images: each table stands for itself, and nothing is ranked across them."


def as_text(comparison: Comparison, room: int | None = None) -> str:
    """Return sentences, and tables that fit into `room` columns of a terminal."""
    parts = [*warnings(comparison)]
    for block in comparison.blocks:
        parts += _block_text(comparison, block, room)
    if comparison.left_out:
        parts.append(_lines(tables.left_out_table(comparison), (), room, fold=(0, 1)))
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def as_markdown(comparison: Comparison) -> str:
    """Return the same as Markdown."""
    parts = ["# Comparison", *warnings(comparison)]
    for block in comparison.blocks:
        parts += [f"## {_escaped(block.images)}", _markdown(tables.ranked_table(block, comparison.options.by), 3)]
        if block.differences:
            parts += ["### Differences", _markdown(tables.difference_table(block), 2), _bullets(sentences(block))]
            parts += ["### F1 per class", f"{CLASSES}.", _markdown(tables.class_table(block), 1)]
        parts.append(_bullets(notes(comparison, block)))
    if comparison.left_out:
        parts += ["## Left out", _markdown(tables.left_out_table(comparison), 2)]
    return "\n\n".join(part for part in parts if part) + "\n"


def warnings(comparison: Comparison) -> list[str]:
    """Return what must be known before a number is read."""
    smoke = any(group.smoke for group in comparison.groups)
    return [SMOKE] * smoke + [APART] * (len(comparison.blocks) > 1)


def sentences(block: Block) -> list[str]:
    """Return the verdict on each difference."""
    return [f"{text[0].upper() if text.startswith('these ') else text[0]}{text[1:]}." for text in _verdicts(block)]


def notes(comparison: Comparison, block: Block) -> list[str]:
    """Return how the numbers of a block were got and what they leave open."""
    by, singles = comparison.options.by, [group.single for group in block.groups]
    ranked = f"Ranked by {by}" + ("" if by == "accuracy" else "; differences and tests are of accuracy") + "."
    said = [ranked]
    if any(singles):
        said.append(f"Wilson: 95 % interval of one trained network's accuracy, from {block.images}.")
    if not all(singles):
        said.append("t: 95 % t interval of the mean over runs; every number of such a row is a mean over its runs.")
    if any(found.tests > 1 for found in block.differences):
        said.append(f"Holm's correction is over {block.family}.")
    gathered = [group for group in block.groups if group.kind == "seeds" and group.path == group.runs[0].path]
    for group in gathered:
        seeds = ", ".join(str(run.seed) for run in group.runs)
        said.append(
            f"{short(group)}: {len(group.runs)} runs that differ in the seed ({seeds}) alone, taken as repeats."
        )
    if len({str(run.status.get("host")) for group in block.groups for run in group.runs}) > 1:
        said.append("Times and images/s come from different machines.")
    return said + cautions(block.groups, block.differences)


def _verdicts(block: Block) -> list[str]:
    return [sentence(found) for found in block.differences]


def _block_text(comparison: Comparison, block: Block, room: int | None) -> Iterator[str]:
    ranked = tables.ranked_table(block, comparison.options.by)
    yield f"{block.images}\n{_lines(ranked, (0, *range(2, len(ranked[0]))), room, RANKED_LEAST, fold=(1,))}"
    if block.differences:
        found = tables.difference_table(block)
        yield _lines(found, (2, 3, *range(5, len(found[0]))), room, DIFFERENCE_LEAST, fold=(0, 1, 4))
        yield "".join(f"{printable(text)}\n" for text in sentences(block))
        yield from _classes_text(block, room)
    yield "".join(f"{printable(note)}\n" for note in notes(comparison, block))


def _classes_text(block: Block, room: int | None) -> Iterator[str]:
    """Yield the classes whose F1 differs most, where a terminal has room for the columns."""
    found = tables.class_table(block)
    if len(found[0]) - 3 > tables.MANY_GROUPS:
        return
    shown = found[: tables.MANY_CLASSES + 1]
    left = len(found) - len(shown)
    rest = f"and {left} classes with smaller differences\n" if left else ""
    names = range(2, len(shown[0]))
    yield f"{CLASSES}\n{_lines(shown, range(1, len(shown[0])), room, ('images',), (0, *names))}{rest}"


def _lines(
    table: Table, right: Sequence[int], room: int | None, least: Sequence[str] = (), fold: Sequence[int] = ()
) -> str:
    """Return a table; `least` are titles of columns that are left out where there is no room, the first ones first."""
    rows = [[printable(cell).replace("\n", "�") for cell in row] for row in table]
    at = [table[0].index(title) for title in least if title in table[0]]
    return aligned(rows, right, room, at, fold)


def _markdown(table: Table, left: int) -> str:
    """Return a table whose columns from `left` on are flush right."""
    header, *rows = [[_escaped(cell) for cell in row] for row in table]
    rule = ["---" if i < left else "---:" for i in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_escaped(line)}" for line in lines)


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    line = printable(text).replace("\n", "�")
    return "".join(f"\\{c}" if c in "\\|`*_<>[]#" else c for c in line)

"""A comparison as text for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnnbench.compare import tables
from cnnbench.compare.comparison import Block, Comparison
from cnnbench.compare.corrupted import ALL
from cnnbench.compare.networks import networks
from cnnbench.compare.wording import cautions, sentence, short
from cnnbench.text import printable
from cnnbench.views.table import Table
from cnnbench.views.table import as_markdown as escaped

SMOKE = "Smoke runs are among these: shrunk to seconds, their numbers say nothing about the networks."
CLASSES = "F1 per class of the baseline, and by how much that of the others differs from it"
HOW_CORRUPTED = "An image counts by the share of the five strengths at which it is right."
MANY_CLASSES = 12
MANY_GROUPS = 6
MANY_ROWS = 48  # kinds of corruption times pairs
APART = "These groups were tested on different images: each table stands for itself, and nothing is ranked across them."


def as_text(comparison: Comparison, room: int | None = None) -> str:
    """Return sentences, and tables that fit into `room` columns of a terminal."""
    parts = [*warnings(comparison)]
    for block in comparison.blocks:
        parts += _block_text(comparison, block, room)
    if comparison.left_out:
        parts.append(tables.left_out(comparison).text(room))
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def as_markdown(comparison: Comparison) -> str:
    """Return the same as Markdown."""
    parts = ["# Comparison", *warnings(comparison)]
    for block in comparison.blocks:
        parts += [f"## {escaped(block.images)}", _markdown(tables.ranked([block], comparison.options.by))]
        if block.differences:
            parts += ["### Differences", _markdown(tables.differences(block.differences)), _bullets(sentences(block))]
            parts += ["### F1 per class", f"{CLASSES}.", _markdown(tables.classes(block))]
        if block.corrupted:
            table = _markdown(tables.corrupted(block)) if block.corrupted.rows else ""
            parts += ["### Corrupted test images", table, _bullets(of_corrupted(block))]
        if found := networks(block.groups):
            parts += ["### Networks", _markdown(found)]
        parts.append(_bullets(notes(comparison, block)))
    if comparison.left_out:
        parts += ["## Left out", _markdown(tables.left_out(comparison))]
    return "\n\n".join(part for part in parts if part) + "\n"


def warnings(comparison: Comparison) -> list[str]:
    """Return what must be known before a number is read."""
    smoke = any(group.smoke for group in comparison.groups)
    return [SMOKE] * smoke + [APART] * (len(comparison.blocks) > 1)


def sentences(block: Block) -> list[str]:
    """Return the verdict on each difference."""
    return [f"{text[0].upper() if text.startswith('these ') else text[0]}{text[1:]}." for text in _verdicts(block)]


def of_corrupted(block: Block) -> list[str]:
    """Return how each pair differs under corruption, and how that was tested."""
    found, said = block.corrupted, []
    for a, b in dict.fromkeys((row.a, row.b) for row in found.rows):
        kinds = [row for row in found.rows if row.a is a and row.b is b and row.kind != ALL]
        better = sum(row.significant and row.difference > 0 for row in kinds)
        worse = sum(row.significant and row.difference < 0 for row in kinds)
        said.append(
            f"{short(a)} against {short(b)}: better under {better} of {len(kinds)} kinds of corruption, worse under "
            f"{worse}; of the others these data cannot tell."
        )
    tests = ", ".join(sorted({row.test for row in found.rows if row.test}))
    if tests:
        said.append(f"{tests}; Holm's correction is over {found.tests} tests. {HOW_CORRUPTED}")
    return [*said, *found.notes]


def notes(comparison: Comparison, block: Block) -> list[str]:
    """Return how the numbers of a block were got and what they leave open."""
    by, singles = comparison.options.by, [group.single for group in block.groups]
    ranked = f"Ranked by {by}" + ("" if by == "accuracy" else "; differences and tests are of accuracy") + "."
    said = [ranked]
    if any(singles):
        said.append(f"Wilson: 95 % interval of one trained network's accuracy, from {block.images}.")
    if not all(singles):
        said.append("t: 95 % t interval of the mean over runs; every number of such a row is a mean over its runs.")
    said += [
        f"{short(group)} gives no probabilities: measures that need them are left out."
        for group in block.groups
        if any(run.measured.get("without_probabilities") for run in group.runs)
    ]
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
    yield f"{block.images}\n{tables.ranked([block], comparison.options.by).text(room)}"
    if block.differences:
        yield tables.differences(block.differences).text(room)
        yield "".join(f"{printable(text)}\n" for text in sentences(block))
        yield from _classes_text(block, room)
    if block.corrupted:
        shown = 0 < len(block.corrupted.rows) <= MANY_ROWS
        yield f"Corrupted test images\n{tables.corrupted(block).text(room)}" if shown else ""
        yield "".join(f"{printable(text)}\n" for text in of_corrupted(block))
    if found := networks(block.groups):
        yield found.text(room)
    yield "".join(f"{printable(note)}\n" for note in notes(comparison, block))


def _classes_text(block: Block, room: int | None) -> Iterator[str]:
    """Yield the classes whose F1 differs most, where a terminal has room for the columns."""
    found = tables.classes(block)
    if len(tables.compared(block)) > MANY_GROUPS:
        return
    shown = replace(found, rows=found.rows[:MANY_CLASSES])
    left = len(found.rows) - len(shown.rows)
    rest = f"and {left} classes with smaller differences\n" if left else ""
    yield f"{CLASSES}\n{shown.text(room)}{rest}"


def _markdown(table: Table[Any]) -> str:
    return table.markdown().rstrip("\n")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)

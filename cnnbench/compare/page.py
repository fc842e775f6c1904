"""The page of a comparison: one HTML file that holds everything it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cnnbench.compare import plots, tables
from cnnbench.compare.comparison import Block, Comparison
from cnnbench.compare.difference import Difference
from cnnbench.compare.disagreements import Disagreement, disagreements, kept_images
from cnnbench.compare.networks import networks
from cnnbench.compare.text import notes, of_corrupted, sentences, warnings
from cnnbench.compare.wording import short
from cnnbench.numbers import mean
from cnnbench.text import count, percent
from cnnbench.views.figure import Drawn, draw
from cnnbench.views.page import Heading, Page, Part, Points, Section, Text, Tile, Tiles, chosen, named

TILES = 12  # images on which a pair disagrees
PAIRS = 6  # pairs whose images are shown
KINDS = {"a better": "told", "b better": "told"}
ROUNDED = "Numbers are rounded, and only what is all reads as 100 %; every one is from the files of the run folders."


def page(comparison: Comparison, beside: Path | None = None) -> Page:
    """Return the page; links lead to the pages of runs as seen from the folder `beside`.

    Raises ConfigError naming a file of a run that cannot be read.
    """
    groups, runs = len(comparison.groups), sum(len(group.runs) for group in comparison.groups)
    blocks = list(enumerate(comparison.blocks, start=1))
    drawn = draw(figure for number, block in blocks for figure in plots.figures(block, number))
    first = comparison.blocks[0].groups[0]
    sections = [section for number, block in blocks for section in _block(comparison, block, number, drawn, beside)]
    return Page(
        title=f"Comparison of {groups}" + (f" ({runs} runs)" if runs != groups else ""),
        headline=(percent(mean(first.values("accuracy"))), short(first)) if len(blocks) == 1 else ("", ""),
        about=[Text(warning, "banner") for warning in warnings(comparison)],
        sections=[*sections, Section("left-out", "Left out", [tables.left_out(comparison)])],
        source=ROUNDED,
    )


def _block(
    comparison: Comparison, block: Block, number: int, drawn: Mapping[str, Drawn], beside: Path | None
) -> list[Section]:
    by, best = comparison.options.by, block.groups[0]
    of = f" ({number})" if len(comparison.blocks) > 1 else ""
    what = "test accuracy" if by == "accuracy" else f"test accuracy of the first by {by}"
    verdicts = [KINDS.get(tables.verdict(found), "open") for found in block.differences]
    accuracy = percent(mean(best.values("accuracy")))
    told: list[Part | None] = [
        Text(f"{accuracy} {what} of {short(best)} on {block.images}"),
        Points(list(zip(sentences(block), verdicts, strict=True)), "verdicts"),
        tables.ranked([block], by, beside),
        *chosen(drawn, f"accuracies-{number}"),
        Heading("How to read this"),
        Points.of(notes(comparison, block)),
    ]
    left = len(block.groups) - plots.DRAWN
    training: list[Part | None] = [*chosen(drawn, f"curves-{number}")]
    if training and left > 0:
        training.append(Text(f"The first {plots.DRAWN} are drawn.", "soft"))
    classes = [*chosen(drawn, f"classes-{number}"), tables.classes(block)] if block.differences else []
    return [
        Section(f"ranking-{number}", f"Ranking{of}", told),
        Section(f"differences-{number}", f"Differences{of}", [tables.differences(block.differences)]),
        Section(f"corrupted-{number}", f"Corrupted test images{of}", _corrupted(block), f"Corrupted{of}"),
        Section(f"curves-{number}", f"Training{of}", training),
        Section(f"classes-{number}", f"F1 per class{of}", classes),
        Section(f"matrices-{number}", f"Confusion matrices{of}", chosen(drawn, f"matrices-{number}"), f"Matrices{of}"),
        Section(f"disagreements-{number}", f"Images on which they disagree{of}", _disagreements(block), f"Images{of}"),
        Section(f"networks-{number}", f"Networks{of}", [networks(block.groups)]),
        Section(f"folders-{number}", f"Folders{of}", [tables.folders(block, beside)]),
    ]


def _corrupted(block: Block) -> list[Part | None]:
    """Return how the pairs differ under corruption, nothing where that was not measured."""
    return [Points.of(of_corrupted(block)), tables.corrupted(block)] if block.corrupted else []


def _disagreements(block: Block) -> list[Part | None]:
    """Return for each shown pair whom it compares, its counts and some images on which the two disagree."""
    images = kept_images(block.groups)
    parts: list[Part | None] = []
    for found in block.differences[:PAIRS]:
        tiles = Tiles([_tile(found, one) for one in disagreements(found, images, TILES)])
        agree = Text("They predict the same class for every image.", "soft")
        parts += [Heading(f"{short(found.a)} and {short(found.b)}"), Text(_counted(found)), tiles or agree]
    if left := max(0, len(block.differences) - PAIRS):
        parts.append(Text(f"The images of {left} more pairs are in the table that --csv writes.", "soft"))
    return parts


def _counted(found: Difference) -> str:
    counts, a, b = found.agreement, short(found.a), short(found.b)
    only = f"only {a} {count(counts.only_a)}, only {b} {count(counts.only_b)}"
    return f"Right: both {count(counts.both)}, {only}, neither {count(counts.neither)}."


def _tile(found: Difference, one: Disagreement) -> Tile:
    said = ((short(found.a), one.a), (short(found.b), one.b))
    return Tile(
        head=named(one.true),
        file_name=one.file_name or f"image {one.index}",
        image=one.image,
        true=one.true,
        answers=[(who, answer, answer == one.true) for who, answer in said],
    )

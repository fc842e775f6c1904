"""The page of a comparison: one HTML file that holds everything it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnnbench.compare import plots, tables
from cnnbench.compare.comparison import Block, Comparison
from cnnbench.compare.disagreements import Disagreement, class_differences, disagreements, kept_images
from cnnbench.compare.runs import Group
from cnnbench.compare.text import notes, sentences, warnings
from cnnbench.compare.wording import short
from cnnbench.numbers import mean
from cnnbench.report.page import data_uri, environment
from cnnbench.text import percent
from cnnbench.views.style import to_png

TILES = 12  # images on which a pair disagrees
PAIRS = 6  # pairs whose images are shown


def render(comparison: Comparison) -> str:
    """Return the page as HTML; raises ConfigError naming a file of a run that cannot be read."""
    return (
        environment(Path(__file__).parent / "templates")
        .get_template("compare.html")
        .render(
            warnings=warnings(comparison),
            groups=len(comparison.groups),
            runs=sum(len(group.runs) for group in comparison.groups),
            blocks=[_block(comparison, block) for block in comparison.blocks],
            left_out=tables.left_out_table(comparison),
        )
    )


def _block(comparison: Comparison, block: Block) -> dict[str, Any]:
    best = block.groups[0]
    others = tables.compared(block)
    return {
        "images": block.images,
        "best": short(best),
        "accuracy": percent(mean(best.values("accuracy"))),
        "by": comparison.options.by,
        "ranked": best.mean(comparison.options.by) is not None,
        "groups": tables.ranked_table(block, comparison.options.by),
        "paths": [str(group.path) for group in block.groups],
        "notes": notes(comparison, block),
        "differences": tables.difference_table(block),
        "sentences": list(zip(sentences(block), map(tables.verdict, block.differences), strict=True)),
        "classes": tables.class_table(block),
        "disagreements": _disagreements(block),
        "pairs_left": max(0, len(block.differences) - PAIRS),
        "plots": _plots(block, others),
        "drawn": plots.DRAWN,
    }


def _plots(block: Block, others: Sequence[Group]) -> dict[str, str]:
    """Return name -> data URI of each plot there is something to draw for."""
    lines = class_differences(block.baseline, others)
    figures = {"accuracies": plots.accuracies(block.groups, block.baseline)}
    if plots.validated(block.groups):
        figures["curves"] = plots.learning_curves(block.groups)
    if others:
        figures["classes"] = plots.class_differences(lines, block.groups, block.baseline)
    return {name: data_uri(to_png(figure)) for name, figure in figures.items()}


def _disagreements(block: Block) -> list[dict[str, Any]]:
    """Return for each shown pair whom it compares, its counts and some images on which the two disagree."""
    images = kept_images(block.groups)
    shown = []
    for found in block.differences[:PAIRS]:
        some: list[Disagreement] = disagreements(found, images, TILES)
        counts = found.agreement
        parts = (counts.both, counts.only_a, counts.only_b, counts.neither)
        shown.append({"a": short(found.a), "b": short(found.b), "counts": parts, "some": some})
    return shown

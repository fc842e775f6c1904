"""The page of a profile."""

from __future__ import annotations

from pathlib import Path

from cnnbench.files.whole import write_text
from cnnbench.profiling import plots, tables
from cnnbench.profiling.found import Profile
from cnnbench.text import count
from cnnbench.views.figure import draw
from cnnbench.views.page import Code, Page, Part, Points, Section, Text, chosen, render

TITLES = {
    "parts": "A training step",
    "sizes": "Batch sizes",
    "precision": "Precision",
    "threads": "Threads",
    "layers": "Layers",
    "rates": "Learning rates",
}
SOFT = {
    "parts": "Medians and quartiles; parts took turns. What is inside of a step is the difference of two compiled "
    "functions, turn by turn, so that a small part may have a quartile below 0.",
    "sizes": "Peak memory is all that the process holds, the images of the data set among it.",
    "layers": "Each layer by itself, forward and backward, on random values: what is fused or overlaps in the whole "
    "network is slower here.",
    "rates": "Each training begins with the same weights, and other images come first.",
}


def write_page(found: Profile, path: Path) -> None:
    """Write the page, which needs nothing from outside; raises OutputError."""
    drawn = draw(plots.figures(found))
    sections = [
        Section(
            table.name,
            TITLES[table.name],
            [table, *chosen(drawn, table.name), Text(SOFT.get(table.name, "") if table else "", "soft")]
            if table or table.name in drawn
            else [],
        )
        for table in tables.tables(found)
    ]
    better = len(found.suggestions)
    first = Section("suggestions", "Suggestions", _suggestions(found))
    notes = Section("notes", "Notes", [Points.of(tables.sentences(found))])
    page = Page(
        title=f"Profile of {found.name}",
        headline=(count(better), f"{'setting' if better == 1 else 'settings'} measurably better than configured"),
        about=[Text(tables.computed_on(found))],
        sections=[first, *sections, notes],
        source="Every number on this page is in the document of --json.",
    )
    write_text(path, render(page))


def _suggestions(found: Profile) -> list[Part | None]:
    if not found.suggestions:
        return [Text(*tables.suggestions(found))]
    together = " ".join(one.override for one in found.suggestions)
    said = Points.of([f"{one.override}: {one.reason}" for one in found.suggestions])
    return [said, Code("to paste", together)]

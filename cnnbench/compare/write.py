"""Write a comparison to files, each whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnbench.compare import tables
from cnnbench.compare.comparison import Comparison
from cnnbench.compare.disagreements import disagreement_rows
from cnnbench.compare.page import page
from cnnbench.compare.text import as_markdown
from cnnbench.files.whole import write_csv, write_text
from cnnbench.views.page import render


def write_files(
    comparison: Comparison, *, csv: Path | None = None, markdown: Path | None = None, html: Path | None = None
) -> list[Path]:
    """Write the files that are wanted and return their paths; raises OutputError."""
    written = _write_tables(comparison, csv) if csv else []
    if markdown:
        write_text(markdown, as_markdown(comparison))
        written.append(markdown)
    if html:
        write_text(html, render(page(comparison, html.parent)))
        written.append(html)
    return written


def _write_tables(comparison: Comparison, path: Path) -> list[Path]:
    """Write the ranked table, and beside it the differences and the images on which not all groups agree."""
    pairs = [one for block in comparison.blocks for one in block.differences]
    contents: dict[Path, tuple[list[str], list[list[Any]]]] = {
        path: tables.ranked(comparison.blocks, comparison.options.by).csv(),
        _beside(path, "pairs"): tables.differences(pairs).csv(),
    }
    several = len(comparison.blocks) > 1
    for number, block in enumerate(comparison.blocks, start=1):
        name = f"disagreements-{number}" if several else "disagreements"
        contents[_beside(path, name)] = disagreement_rows(block.groups)
    for file, content in contents.items():
        write_csv(file, *content)
    return list(contents)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.stem}-{what}{path.suffix}")

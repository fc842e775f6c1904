"""Write what a study says, each file whole or not at all."""

from __future__ import annotations

from cnnbench.files.whole import write_csv, write_text
from cnnbench.studies import tables
from cnnbench.studies.lines import lines
from cnnbench.studies.page import SMALL, page
from cnnbench.studies.results import Results
from cnnbench.views.page import render
from cnnbench.views.table import as_markdown


def write_results(results: Results) -> None:
    """Write page, Markdown and CSV; raises OutputError."""
    folder, table = results.folder, tables.everything(lines(results))
    write_csv(folder.csv, *table.csv())
    write_text(folder.markdown, f"{_head(results)}\n{table.markdown()}")
    write_text(folder.page, render(page(results)))


def _head(results: Results) -> str:
    """Return title and citation as Markdown."""
    file = results.study.file
    told = [f"# {as_markdown(file.title)}", as_markdown(file.citation)]
    told += [as_markdown(file.about)] if file.about else []
    told += [f"**{as_markdown(SMALL)}**"] if results.study.scale == "small" else []
    return "".join(f"{paragraph}\n\n" for paragraph in told)

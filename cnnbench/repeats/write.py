"""Write what repeated runs say together, each file whole or not at all."""

from __future__ import annotations

from pathlib import Path

from cnnbench.files.whole import write_csv, write_text
from cnnbench.repeats import plots
from cnnbench.repeats.curves import curve_rows
from cnnbench.repeats.page import page
from cnnbench.repeats.results import Repeats, read_repeats
from cnnbench.repeats.summary import summarize
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.summary import SUMMARY
from cnnbench.views import figure
from cnnbench.views.figure import Drawn
from cnnbench.views.page import Page, render

DROPPED = ("confusion_matrix_normalized",)  # of versions that drew it


def write_tables(found: Repeats) -> list[Path]:
    """Write `summary.json` and `curves.csv` over the finished runs, if there are any; return their paths."""
    folder = found.folder
    if not found.finished:
        folder.summary.unlink(missing_ok=True)  # of runs that were there and are there no more
        folder.curves.unlink(missing_ok=True)
        return []
    SUMMARY.write(folder.summary, summarize(found))
    write_csv(folder.curves, *curve_rows([run.history for run in found.finished]))
    return [folder.summary, folder.curves]


def write_report(folder: RepeatsDir) -> list[Path]:
    """Write tables, plots and the page that shows them; return their paths, the page's last.

    Raises ConfigError naming a file that cannot be read, DataError where the runs do not match.
    """
    found = read_repeats(folder)
    written = write_tables(found)
    shown, drawn = _page(found)
    files = figure.write(drawn, folder.path, [*plots.CAPTIONS, *DROPPED])
    write_text(folder.report, render(shown))
    return [*written, *files, folder.report]


def page_now(folder: RepeatsDir) -> Page:
    """Return the page of repeats as they are now; nothing is written. Raises as `write_report` does."""
    shown, _ = _page(read_repeats(folder))
    return shown


def _page(found: Repeats) -> tuple[Page, dict[str, Drawn]]:
    summary = summarize(found) if found.finished else None
    drawn = figure.draw(plots.figures(found, summary)) if summary else {}
    return page(found, summary, drawn), drawn

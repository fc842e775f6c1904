"""Write what a run's results look like: plots, page and tables, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from cnnbench.files.whole import write_csv, write_text
from cnnbench.report import explained, facts, plots, tables
from cnnbench.report.page import page
from cnnbench.runs.folder import SPLITS, RunDir
from cnnbench.runs.run import Run
from cnnbench.text import count
from cnnbench.views import figure
from cnnbench.views.page import Page, render

DROPPED = ("confusion_matrix_normalized", "temperature_scaling")  # of versions that drew it


def write_report(run: RunDir) -> list[Path]:
    """Write tables, plots and a page for each split that was measured; return their paths.

    The page of the test images, with the training and everything else on it, is the last of them. Raises ConfigError
    naming a file of the run that cannot be read.
    """
    tested = Run(run.path).whole()
    others = [tested.on(split).whole() for split in SPLITS[1:] if run.measured_on(split).metrics.exists()]
    written = [path for other in others for path in _write(other, [tested])]
    return [*written, *_write(tested, others)]


def page_now(run: RunDir) -> Page:
    """Return the page of a run as it is now; nothing is written. Raises as `write_report` does."""
    results = Run(run.path).whole()
    return page(results, figure.draw(plots.figures(results)))


def write_tables(run: RunDir) -> list[Path]:
    """Write confusion matrix and classification report of the predictions, if there are any; return their paths."""
    return _write_tables(Run(run.path).whole())


def _write(results: Run, others: Sequence[Run] = ()) -> list[Path]:
    run = results.folder
    tables_written = _write_tables(results)
    drawn = figure.draw(chain(plots.figures(results), explained.figures(results)))
    names = [
        *(plots.name_of(plot, results) for plot in plots.PLOTS),
        *(explained.NAMES if results.of == "test" else ()),
    ]
    written = figure.write(drawn, run.path, [*names, *DROPPED])
    write_text(run.report, render(page(results, drawn, others)))
    return [*tables_written, *written, run.report]


def _write_tables(results: Run) -> list[Path]:
    run, found = results.folder, results.predictions
    if found is None:
        return []
    images = f"{count(len(found.labels))} {facts.images(results)} of {facts.measured_on(results)}"
    write_csv(run.confusion_matrix, *tables.confusion_rows(found))
    write_text(run.classification_report, tables.classification_report(found, f"{facts.title(results)} on {images}"))
    return [run.confusion_matrix, run.classification_report]

"""Write what a run's results look like: plots, page and tables, each file whole or not at all."""

from __future__ import annotations

from pathlib import Path

from cnnbench.files.whole import own_folder, whole_file, write_csv, write_text
from cnnbench.report import facts, plots, tables
from cnnbench.report.page import render
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.text import count
from cnnbench.views.style import to_png


def write_report(run: RunDir) -> list[Path]:
    """Write the tables, every plot the run has results for, and the page that shows them; return their paths.

    The page is the last of them. Raises ConfigError naming a file of the run that cannot be read.
    """
    results = Run(run.path).whole()
    tables_written = _write_tables(results)
    images = {name: to_png(figure) for name, figure in plots.draw(results)}
    drawn = own_folder(run.path, run.plots.name)
    for name, png in images.items():
        with whole_file(drawn / f"{name}.png") as part:
            part.write_bytes(png)
    for name in plots.PLOTS.keys() - images.keys():  # of a state the run is no longer in
        (drawn / f"{name}.png").unlink(missing_ok=True)
    write_text(run.report, render(results, images))
    return [*tables_written, *(drawn / f"{name}.png" for name in images), run.report]


def write_tables(run: RunDir) -> list[Path]:
    """Write confusion matrix and classification report of the predictions, if there are any; return their paths."""
    return _write_tables(Run(run.path).whole())


def _write_tables(results: Run) -> list[Path]:
    run, found = results.folder, results.predictions
    if found is None:
        return []
    images = f"{count(len(found.labels))} test images of {facts.measured_on(results)}"
    write_csv(run.confusion_matrix, *tables.confusion_rows(found))
    write_text(run.classification_report, tables.classification_report(found, f"{facts.title(results)} on {images}"))
    return [run.confusion_matrix, run.classification_report]

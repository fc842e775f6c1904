"""Processor seconds of a page: reading a run, drawing its plots, and writing them as SVG, PNG and PDF.

usage: python benchmarks/pages.py RUN_FOLDER
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cnnbench.report import plots
from cnnbench.report.page import page
from cnnbench.runs import named
from cnnbench.runs.run import Run
from cnnbench.views import figure
from cnnbench.views.page import render

R = TypeVar("R")
REPEATS = 5


def shortest(what: str, act: Callable[[], R]) -> R:
    """Print the shortest of some times and return what came of it."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        found = act()
        times.append(time.process_time() - start)
    print(f"{what:<28} {min(times):.3f} s")
    return found


def main(folder: Path) -> None:
    """Measure and print."""
    folder = named.open_finished(folder).path  # nothing is measured on a folder that holds no run
    run = shortest("reading", lambda: Run(folder).whole())
    drawn = shortest("drawing", lambda: figure.draw(plots.figures(run)))
    for kind in figure.KINDS:
        shortest(kind.upper(), lambda kind=kind: [one.file(kind) for one in drawn.values()])  # type: ignore[misc]
    panels = {name: (one.figure, one.panels, one.readings) for name, one in drawn.items()}
    shortest("SVG and page", lambda: render(page(run, {name: figure.Drawn(*one) for name, one in panels.items()})))

    def whole() -> None:
        found = figure.draw(plots.figures(Run(folder).whole()))
        with tempfile.TemporaryDirectory() as scratch:
            figure.write(found, Path(scratch), [])
        render(page(run, found))

    shortest("all of it, files included", whole)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

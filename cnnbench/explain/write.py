"""Write what was found into the run folder, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

from cnnbench.report.write import write_report
from cnnbench.runs.explained import Explained, write_explained
from cnnbench.runs.run import Run


def write(run: Run, found: Explained) -> Path:
    """Write pictures, numbers and the page again; return the page. Raises OutputError."""
    keep(run, found)
    return draw(run)


def keep(run: Run, found: Explained) -> None:
    """Write pictures and numbers; raises OutputError."""
    write_explained(run.folder.explained, run.folder.explained_pictures, found)


def draw(run: Run) -> Path:
    """Write the page again and return it; raises OutputError, and ConfigError for a file that cannot be read."""
    write_report(run.folder)
    return run.folder.report

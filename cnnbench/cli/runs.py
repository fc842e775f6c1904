"""`cnnbench runs`: what has been run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnbench.cli.options import Json, Quiet

OUTPUTS = Path("outputs")


def runs(
    root: Annotated[
        Path | None, typer.Argument(help="Folder to look below.", show_default=str(OUTPUTS), readable=False)
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List runs with state, epochs, test accuracy and time, the newest last; --quiet: their folders alone."""
    from cnnbench.cli.output import console, emit
    from cnnbench.report.runs import list_runs
    from cnnbench.report.tables import run_table

    found = [] if root is None and not OUTPUTS.exists() else list_runs(root or OUTPUTS)
    if json:
        emit(found)
        return
    if quiet:
        text = "".join(f"{run['path']}\n" for run in found)
    else:
        text = run_table(found) if found else f"no runs below {root or OUTPUTS}\n"
    console().print(text, end="", markup=False, emoji=False, soft_wrap=True)

"""`cnnbench report`: plots, tables and page of a run again."""

from __future__ import annotations

from cnnbench.cli.options import Json, Quiet, RunFolder


def report(
    run: RunFolder,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw plots, tables and the page of a run again from its folder and print where the page is."""
    from cnnbench.cli.output import console, emit
    from cnnbench.report.write import write_report
    from cnnbench.rundir import open_run

    found = open_run(run)
    written = write_report(found)
    if json:
        emit({"run": str(found.path), "report": str(found.report), "files": [str(path) for path in written]})
    else:
        console(quiet=quiet).print(str(found.report), markup=False, emoji=False, soft_wrap=True)

"""`cnnbench report`: plots, tables and page of a run again, or of several that belong together."""

from __future__ import annotations

from pathlib import Path

from cnnbench.cli.options import Json, Quiet, RunFolder, Storage
from cnnbench.cli.output import console, emit
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir, SweepDir


def report(
    run: RunFolder,
    storage: Storage = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw plots, tables and the page of a run, of repeats or of a sweep again and print where the page is."""
    with Waiting(quiet) as show:
        show("drawing the report")
        written = _written(run, storage)
    page = written[-1]
    if json:
        emit({"run": str(page.parent), "report": str(page), "files": [str(path) for path in written]})
    else:
        console(quiet=quiet).print(str(page), markup=False, emoji=False, soft_wrap=True)


def _written(folder: Path, storage: str | None) -> list[Path]:
    """Write the report of what the folder stands for; its page is the last file."""
    from cnnbench.runs.named import stands_for

    found = stands_for(folder)
    if storage is not None and found.kind != "sweep":
        raise ConfigError(f"--storage: says where a sweep's study is; {found.path} is none")
    if found.kind == "repeats":
        from cnnbench.repeats.write import write_report as write_repeats

        return write_repeats(RepeatsDir(found.path))
    if found.kind == "sweep":
        from cnnbench.sweep.tell.page import write_all
        from cnnbench.sweep.tell.results import read_folder

        return write_all(SweepDir(found.path), read_folder(found.path, storage))
    from cnnbench.report.write import write_report

    return write_report(RunDir(found.path))

"""`cnnbench report`: plots, tables and page of a run again, or of several that belong together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli.browser import show_in_browser
from cnnbench.cli.options import Json, Quiet, RunFolder, Storage
from cnnbench.cli.output import console, emit
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import ParentDir, RepeatsDir, SweepDir

if TYPE_CHECKING:
    from cnnbench.runs.walk import Found
    from cnnbench.views.page import Page


def report(
    run: RunFolder,
    open: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Follow what still runs on a page at an address of this machine; writes nothing."),
    ] = False,
    storage: Storage = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw plots, tables and the page of a run, of repeats or of a sweep again and print where the page is."""
    from cnnbench.runs.named import stands_for

    found = stands_for(run)
    if storage is not None and found.kind != "sweep":
        raise ConfigError(f"--storage: says where a sweep's study is; {found.path} is none")
    if live:
        _follow(found, storage, open, json, quiet)
        return
    with Waiting(quiet) as show:
        show("drawing the report")
        written = _written(found, storage)
    page = written[-1]
    if json:
        emit({"run": str(page.parent), "report": str(page), "files": [str(path) for path in written]})
    else:
        console(quiet=quiet).print(str(page), markup=False, emoji=False, soft_wrap=True)
    if open:
        show_in_browser(page.absolute().as_uri(), str(page))


def _follow(found: Found, storage: str | None, open: bool, json: bool, quiet: bool) -> None:
    """Serve the page of what runs until it has ended; of what has ended already the page stays as it is."""
    from cnnbench.cli.report_live import follow, state_of

    said = console(json=json, quiet=quiet)

    def begun(address: str) -> None:
        if json:
            emit({"run": str(found.path), "address": address})
        said.print(f"{address} follows {found.path}; Ctrl-C ends it", markup=False, emoji=False, soft_wrap=True)
        if open:
            show_in_browser(address, address)

    if state_of(found.path) == "running":
        follow(found.path, _drawing(found, storage), begun)
    elif json:
        emit({"run": str(found.path), "state": state_of(found.path), "report": str(ParentDir(found.path).report)})
    state, page = state_of(found.path), ParentDir(found.path).report
    said.print(f"{state}, nothing runs there: {page}", markup=False, emoji=False, soft_wrap=True)


def _drawing(found: Found, storage: str | None) -> Callable[[], Page]:
    """Return what draws the page of the folder as it is now."""
    if found.kind == "repeats":
        from cnnbench.repeats.write import page_now as page_of_repeats

        return lambda: page_of_repeats(RepeatsDir(found.path))
    if found.kind == "sweep":
        from cnnbench.sweep.tell.page import page_now as page_of_sweep
        from cnnbench.sweep.tell.results import read_folder

        return lambda: page_of_sweep(SweepDir(found.path), read_folder(found.path, storage))
    from cnnbench.report.write import page_now

    return lambda: page_now(RunDir(found.path))


def _written(found: Found, storage: str | None) -> list[Path]:
    """Write the report of what the folder stands for; its page is the last file."""
    if found.kind == "repeats":
        from cnnbench.repeats.write import write_report as write_repeats

        return write_repeats(RepeatsDir(found.path))
    if found.kind == "sweep":
        from cnnbench.sweep.tell.page import write_all
        from cnnbench.sweep.tell.results import read_folder

        return write_all(SweepDir(found.path), read_folder(found.path, storage))
    from cnnbench.report.write import write_report

    return write_report(RunDir(found.path))

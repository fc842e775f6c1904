"""`cnnbench profile`: where the time of a training goes, and which settings are faster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Backend, Json, Offline, Overrides, Quiet
from cnnbench.cli.output import console, emit, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError

if TYPE_CHECKING:
    from cnnbench.profiling.found import Profile


def profile(
    config: Annotated[
        str, typer.Argument(help="A shipped experiment's name or a YAML file.", autocompletion=complete.experiments)
    ],
    overrides: Overrides = None,
    learning_rates: Annotated[
        bool, typer.Option("--learning-rates", help="A learning-rate range test instead.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long it measures, about.")] = 60,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE.html", help="Write a page of it.", show_default="none")
    ] = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Time parts of a training step, batch sizes, precisions, threads and layers; suggest what is measurably better."""
    from cnnbench.config.load import load_config
    from cnnbench.machine import runtime
    from cnnbench.profiling.profile import profile as measure

    if page is not None and page.suffix.lower() != ".html":
        raise ConfigError(f"--page {page}: the page is an .html file")
    checked, wanted = load_config(config, overrides or []), runtime.checked(backend)
    with Waiting(quiet) as show:
        found = measure(checked, wanted, seconds=seconds, learning_rates=learning_rates, offline=offline, show=show)
        if page is not None:
            from cnnbench.profiling.page import write_page

            show("drawing the page")
            write_page(found, page)
    if json:
        emit({**found.as_dict(), "page": page and str(page)})
    else:
        say(_text(found, room(console()), quiet) + ("" if page is None else f"\n{page}\n"))


def _text(found: Profile, width: int | None, quiet: bool) -> str:
    from cnnbench.profiling import tables

    better = "\n".join(tables.suggestions(found)) + "\n"
    if quiet:
        return better
    shown = [table.text(width) for table in tables.tables(found) if table]
    said = "".join(f"{line}\n" for line in tables.sentences(found))
    return "\n".join([*shown, *([said] if said else []), better, f"{tables.computed_on(found)}\n"])

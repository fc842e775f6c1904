"""`cnnbench runs`: what has been run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import console, emit, hand_over, room
from cnnbench.cli.prune import prune_runs
from cnnbench.errors import ConfigError
from cnnbench.listing.table import run_table

if TYPE_CHECKING:
    from cnnbench.listing.lines import Line

OUTPUTS = Path("outputs")


def runs(
    root: Annotated[
        Path | None,
        typer.Argument(
            help="Folder to look below.", show_default=str(OUTPUTS), readable=False, autocompletion=complete.runs
        ),
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="FILTER", help="Only those, as in 'accuracy>0.9 and name=vgg*'.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="FIELD", help="Lowest first, with -FIELD highest first.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="The first N sorted, else the newest N.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The runs of repeats and sweeps one by one too.")] = False,
    prune: Annotated[
        list[str] | None,
        typer.Option("--prune", metavar="SORTS", help="List failed,smoke,interrupted,pruned,stopped to remove."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --prune: remove them.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List runs with what they changed and reached, the last one begun last; --quiet: their folders alone.

    Times are UTC. A filter compares fields with =, !=, <, <=, > and >=, joined by and, or, not and parentheses. Fields
    are name, path, kind, state, reason, smoke, data, network, changes, accuracy, images, epoch, epochs, runs, seconds,
    started, seed, parameters, every key of config.yaml (train.batch_size) and every number of metrics.json (macro.f1).
    """
    if prune:
        if sort or limit or everything:
            raise ConfigError("--prune: goes with --where; --sort, --limit and --all are for listing")

        prune_runs(lines_below(root, True, where), root or OUTPUTS, prune, yes, json, quiet)
        return
    if yes:
        raise ConfigError("--yes: goes with --prune")
    _show(_chosen(root, where, sort, limit, everything), root or OUTPUTS, where, json, quiet)


def lines_below(root: Path | None, children: bool, where: str | None) -> list[Line]:
    """Return the lines that a filter leaves of those below `root`, or below OUTPUTS; raises ConfigError."""
    from cnnbench.listing import lines as listing
    from cnnbench.listing.select import Where

    nothing_yet = root is None and not OUTPUTS.exists()
    lines = [] if nothing_yet else listing.lines_below(root or OUTPUTS, children)
    if where is None:
        return lines
    wanted = Where(where, lines)
    return [line for line in lines if wanted.holds(line)]


def _chosen(root: Path | None, where: str | None, sort: str | None, limit: int | None, everything: bool) -> list[Line]:
    from cnnbench.listing.select import ordered

    found = lines_below(root, everything, where)
    if sort is not None:
        return ordered(found, sort.removeprefix("-"), reverse=sort.startswith("-"))[:limit]
    return found if limit is None else found[-limit:]


def _show(lines: list[Line], root: Path, where: str | None, json: bool, quiet: bool) -> None:
    if json:
        emit([line.shown for line in lines])
        return
    if quiet:
        hand_over("".join(f"{line.described['path']}\n" for line in lines))
        return
    screen = console()
    nothing = f"no runs below {root}{' that match' if where is not None else ''}\n"
    text = run_table([line.shown for line in lines], room(screen)) if lines else nothing
    screen.print(text, end="", markup=False, emoji=False, soft_wrap=True)

"""`cnnbench explain`: what a trained run looks at, in numbers here and in pictures on its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli.options import Backend, Json, Offline, Quiet, RunFolder
from cnnbench.cli.output import console, emit, one_line, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import OutputError
from cnnbench.text import count, label, percent
from cnnbench.views.table import Column, Table

if TYPE_CHECKING:
    from cnnbench.runs.explained import Explained
    from cnnbench.runs.run import Run


def explain(
    run: RunFolder,
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE]...", help="Image files, folders, quoted patterns; none: some test images."),
    ] = None,
    index: Annotated[
        list[int] | None, typer.Option("--index", help="A test image by its index in predictions.csv; may be repeated.")
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="NAME", help="A class to explain besides the predicted one; may be repeated."),
    ] = None,
    offline: Offline = False,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a trained run looks at, and write it into its page.

    Grad-CAM, integrated gradients and occlusion maps of images with scores and checks, maps of every layer, first
    filters, dead units, test images arranged by the network's features, and nearest training images. Without images:
    three test images that are classified right and three that are not, drawn by the run's seed.
    """
    from cnnbench.explain.explain import Wanted
    from cnnbench.explain.explain import explain as look
    from cnnbench.machine import runtime
    from cnnbench.runs.named import open_finished

    wanted = Wanted(images or [], index or [], classes or [], runtime.checked(backend), offline)
    with Waiting(quiet) as show:
        show("looking for the run")
        opened = open_finished(run)
        found = look(opened, wanted, show)
        show("drawing the page")
        page = _written(opened, found)
    if json:
        emit({"run": str(opened.path), **found.facts, "report": page and str(page)})
    else:
        _print(found, page, quiet)


def _written(run: Run, found: Explained) -> Path | None:
    """Write what was found into the run folder and draw its page; return None where it cannot be written to."""
    from cnnbench.explain.write import write

    try:
        return write(run, found)
    except OutputError as e:
        note = "".join(f"note: {one_line(problem)}\n" for problem in e.problems)
        console(json=True).print(note, end="", markup=False, emoji=False, soft_wrap=True)
        return None


def _print(found: Explained, page: Path | None, quiet: bool) -> None:
    from cnnbench.report.explained import table

    if quiet:
        say(f"{page}\n" if page else "")
        return
    wide = room(console())
    dead = [(name, share) for name, share in found.facts["dead_units"].items() if share]
    say(f"{found.facts['chosen']}\n\n{_images(found).text(wide)}\n{table(found).text(wide)}")
    if found.facts["dead_units"]:
        told = ", ".join(f"{percent(share, 1)} of {name}" for name, share in dead) or "none"
        say(f"\ndead units, 0 for all of some training images: {told}\n")
    say("".join(f"left out: {each}\n" for each in found.facts["left_out"]))
    say(f"\n{page}\n" if page else "")


def _images(found: Explained) -> Table[Mapping[str, Any]]:
    among = count(found.facts["training"])
    nearest: Column[Mapping[str, Any]] = Column(
        f"nearest of {among} training images", lambda row: row["nearest"], _nearest, left=True, least=0, fold=True
    )
    return Table(
        "images",
        (
            Column("image", lambda row: row["name"], left=True, fold=True),
            Column("true", lambda row: row["true"] or "", label, left=True),
            Column("predicted", lambda row: row["predicted"], label, left=True),
            Column("probability", lambda row: row["probability"], percent),
            *([nearest] if found.facts["training"] else []),
        ),
        found.images,
    )


def _nearest(found: list[Mapping[str, Any]]) -> str:
    return ", ".join(f"{label(one['class'], 16)} ({one['index']})" for one in found)

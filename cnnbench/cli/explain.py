"""`cnnbench explain`: what a trained run looks at, in numbers here and in pictures on its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli.found import Found, tell
from cnnbench.cli.options import Backend, Json, Offline, Quiet, RunFolder
from cnnbench.cli.output import console, room
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
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Ask about large images as often as about small ones: minutes an image.")
    ] = False,
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
    from cnnbench.explain.write import draw
    from cnnbench.machine import runtime
    from cnnbench.runs.named import open_finished

    wanted = Wanted(images or [], index or [], classes or [], runtime.checked(backend), offline, thorough)
    with Waiting(quiet) as show:
        show("looking for the run")
        opened = open_finished(run)
        found = look(opened, wanted, show)
    unwritten = _unwritten(opened, found)
    told = Found(opened.path, found.facts, lambda: "" if quiet else _text(found), unwritten=unwritten)
    page = "{page}\n" if quiet else "\n{page}\n"
    tell(told, None if unwritten else partial(draw, opened), json, quiet, shown=page)


def _unwritten(run: Run, found: Explained) -> Sequence[str]:
    """Write what was found into the run folder; return what that does not take."""
    from cnnbench.explain.write import keep

    try:
        keep(run, found)
    except OutputError as e:
        return e.problems
    return []


def _text(found: Explained) -> str:
    from cnnbench.report.explained import table

    wide, facts = room(console()), found.facts
    said = f"{facts['chosen']}\n\n{_images(found).text(wide)}\n{table(found).text(wide)}"
    if facts["dead_units"]:
        dead = [f"{percent(share, 1)} of {name}" for name, share in facts["dead_units"].items() if share]
        said += f"\ndead units, 0 for all of some training images: {', '.join(dead) or 'none'}\n"
    return said + "".join(f"left out: {each}\n" for each in facts["left_out"])


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

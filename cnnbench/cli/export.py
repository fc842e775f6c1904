"""`cnnbench export`: a trained run as a file for another program, checked against the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Offline, Quiet, RunFolder
from cnnbench.cli.output import console, emit, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.text import size
from cnnbench.views.table import pairs

if TYPE_CHECKING:
    from cnnbench.export.export import Export


def export(
    run: RunFolder,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="keras, savedmodel, onnx, litert, litert-int8 or safetensors; skops of an estimator.",
            autocompletion=complete.formats,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file, or a SavedModel's folder.")],
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Ask the file about the test images in its own runtime.")
    ] = True,
    check_images: Annotated[
        int | None, typer.Option("--check-images", min=1, help="So many of them.", show_default="all")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            min=0,
            help="Exit with 5 where a probability differs by more; of litert-int8, where more accuracy is lost.",
            show_default="by format",
        ),
    ] = None,
    calibration_images: Annotated[
        int, typer.Option("--calibration-images", min=1, help="Training images that litert-int8 measures ranges on.")
    ] = 500,
    offline: Offline = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a run as a file for another program, with its labels and a model card beside it.

    Preprocessing is inside. The file is asked about the test images in its own runtime; where it says something else
    than the run it is kept, and the exit code is 5. What was found stands on the run's page.
    """
    from cnnbench.export.export import Asked
    from cnnbench.export.export import export as write
    from cnnbench.runs.named import open_finished

    if not check and (check_images is not None or tolerance is not None):
        raise ConfigError("--no-check: --check-images and --tolerance have no effect with it")
    with Waiting(quiet) as show:
        show("looking for the run")
        opened = open_finished(run)
        asked = Asked(check, check_images, tolerance, calibration_images, offline)
        done = write(opened, format, out, asked, show)
    if json:
        emit(_document(done))
    else:
        say(str(done.path) + "\n" if quiet else _report(done))
    if done.unwritten is not None:
        console(json=True).print(f"note: {done.unwritten}", markup=False, emoji=False, soft_wrap=True)
    done.refuse_too_far()


def _document(done: Export) -> dict[str, Any]:
    return {
        "file": str(done.path),
        "labels": str(done.labels),
        "card": str(done.card),
        "format": done.row.name,
        "bytes": done.bytes,
        "notes": list(done.notes),
        "check": done.found,
        "report": done.page and str(done.page),
    }


def _report(done: Export) -> str:
    from cnnbench.report.exports import rows_of, sentence

    rows = [("file", str(done.path)), ("labels", str(done.labels)), ("card", str(done.card))]
    rows += [("note", note) for note in done.notes]
    if done.found is None:
        return pairs("export", [*rows, ("size", size(done.bytes)), ("check", "none (--no-check)")]).text(
            room(console())
        )
    rows += [*rows_of(done.found), ("check", sentence(done.found))]
    rows += [("page", str(done.page))] * (done.page is not None)
    return pairs("export", rows).text(room(console()))

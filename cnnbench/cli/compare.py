"""`cnnbench compare`: runs against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import console, emit, room
from cnnbench.cli.waiting import Waiting


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Run folders, outputs/NAME (the newest of a name), quoted globs, folders of runs, repeats, sweeps.",
            autocompletion=complete.runs,
        ),
    ],
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="METRIC", help="Metric of metrics.json to rank by.", autocompletion=complete.metrics
        ),
    ] = "accuracy",
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="NAME|PATH",
            help="What to compare to.",
            show_default="the best",
            autocompletion=complete.runs,
        ),
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Test every pair, not only against the baseline; at most of the best 100.")
    ] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="Trials to take of a sweep, the best first.")] = 10,
    different_data: Annotated[
        bool, typer.Option("--different-data", help="Take runs on different test images, each ranked by itself.")
    ] = False,
    smoke: Annotated[bool, typer.Option("--smoke", help="Take smoke runs, marked.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the table; beside it FILE-pairs and FILE-disagreements.")
    ] = None,
    md: Annotated[Path | None, typer.Option("--md", help="Write Markdown.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write one page with plots and images.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rank runs, test how their accuracies differ, and say what these data can and cannot tell."""
    from cnnbench.compare.comparison import Options, compare
    from cnnbench.compare.document import as_document
    from cnnbench.compare.text import as_text
    from cnnbench.compare.write import write_files

    with Waiting(quiet) as show:
        show("comparing the runs")
        found = compare(runs, Options(by, baseline, pairs, top, different_data, smoke))
        show("writing the files")
        written = write_files(found, csv=csv, markdown=md, html=html)
    if json:
        emit(as_document(found))
    else:
        screen = console(quiet=quiet)
        screen.print(as_text(found, room(screen)), end="", markup=False, emoji=False)
    said = console(json=json, quiet=quiet)
    for path in written:
        said.print(str(path), markup=False, emoji=False, soft_wrap=True)

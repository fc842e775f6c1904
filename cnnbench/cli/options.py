"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnbench.cli import complete

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, all else on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only results and errors.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never download; say where data is looked for.")]
Backend = Annotated[
    str | None,
    typer.Option(
        "--backend",
        help="tensorflow, jax, torch or numpy.",
        show_default="train.backend, $KERAS_BACKEND or tensorflow",
        autocompletion=complete.backends,
    ),
]
FailUnder = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-under",
        metavar="METRIC=VALUE",
        help="Exit with 5 where a metric is lower.",
        autocompletion=complete.thresholds,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder that run folders are created in.", show_default="outputs")
]
RunFolder = Annotated[
    Path,
    # What cannot be read is told by who reads it, in one line.
    typer.Argument(
        help="A run folder, or outputs/NAME: the newest of that name.", readable=False, autocompletion=complete.runs
    ),
]
Storage = Annotated[
    str | None,
    typer.Option(
        "--storage", metavar="URL", help="Where a sweep's study is, for several machines; default: its folder."
    ),
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        "--track",
        metavar="SINK",
        help="Report also to tensorboard or mlflow; may be given again.",
        autocompletion=complete.sinks,
    ),
]

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY.PATH=VALUE]...", help="Changed values.", autocompletion=complete.overrides),
]

"""`cnnbench init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnbench.cli.output import say
from cnnbench.config.starter import write_starter


def init(
    path: Annotated[Path, typer.Argument(help="The file to write.", readable=False)] = Path("experiment.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented configuration to start from."""
    write_starter(path, overwrite=force)
    say(f"{path}: written; run it with: cnnbench train {path}\n")

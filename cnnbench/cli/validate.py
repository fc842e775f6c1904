"""`cnnbench validate`: check configurations without running them."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Quiet
from cnnbench.cli.output import emit, one_line, say
from cnnbench.errors import ConfigError


def validate(
    configs: Annotated[
        list[str],
        typer.Argument(
            metavar="CONFIG...",
            help="Files or names of experiments, architectures, sweeps or studies.",
            autocompletion=complete.configurations,
        ),
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check configurations; every mistake is one line with file, line and key."""
    from cnnbench.studies.validate import validate as check

    results = [check(config) for config in configs]
    mistakes = [line for result in results for line in result.mistakes]
    if json:
        emit({"ok": not mistakes, "configs": [result.as_dict() for result in results]})
        raise typer.Exit(ConfigError.exit_code if mistakes else 0)
    for result in results:
        if not result.mistakes and not quiet:
            say(f"{one_line(result.config)}: ok\n")
    if mistakes:
        raise ConfigError(*mistakes)

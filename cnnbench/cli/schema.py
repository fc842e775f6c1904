"""`cnnbench schema`: what a file may hold, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnbench.cli.output import emit
from cnnbench.errors import ConfigError


def schema(
    architecture: Annotated[
        bool, typer.Option("--architecture", help="The schema of architecture files instead of experiments.")
    ] = False,
    sweep: Annotated[bool, typer.Option("--sweep", help="The schema of sweep files instead of experiments.")] = False,
) -> None:
    """Print the JSON Schema of configuration files, for completion and checks in editors."""
    from cnnbench.config.json_schema import architecture_schema, experiment_schema
    from cnnbench.sweep.define.json_schema import sweep_schema

    if architecture and sweep:
        raise ConfigError("--architecture and --sweep: one schema at a time")
    emit(sweep_schema() if sweep else architecture_schema() if architecture else experiment_schema())

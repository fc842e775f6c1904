"""`cnnbench schema`: what a configuration may hold, for editors."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    architecture: Annotated[
        bool, typer.Option("--architecture", help="The schema of architecture files instead of experiments.")
    ] = False,
) -> None:
    """Print the JSON Schema of configuration files, for completion and checks in editors."""
    from cnnbench.cli.output import emit
    from cnnbench.config.json_schema import architecture_schema, experiment_schema

    emit(architecture_schema() if architecture else experiment_schema())

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
    study: Annotated[bool, typer.Option("--study", help="The schema of study files instead of experiments.")] = False,
) -> None:
    """Print the JSON Schema of configuration files, for completion and checks in editors."""
    from cnnbench.config.json_schema import architecture_schema, experiment_schema
    from cnnbench.studies.json_schema import study_schema
    from cnnbench.sweep.define.json_schema import sweep_schema

    kinds = {"--architecture": architecture, "--sweep": sweep, "--study": study}
    given = [option for option, is_given in kinds.items() if is_given]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)}: one schema at a time")
    schemas = {"--architecture": architecture_schema, "--sweep": sweep_schema, "--study": study_schema}
    emit(schemas[given[0]]() if given else experiment_schema())

"""`cnnbench smoke`: every configuration built, trained for two steps, saved, reloaded and reported."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Backend, Json, Quiet
from cnnbench.cli.output import console, emit
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import TrainingError


def smoke(
    configs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CONFIG]...",
            help="Experiments or architectures; default: all shipped.",
            autocompletion=complete.buildable,
        ),
    ] = None,
    backend: Backend = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check that configurations work, on synthetic images of their own shape; exit with 4 where one fails."""
    from cnnbench.experiment.smoke import shipped, smoke_one
    from cnnbench.machine import runtime

    wanted = runtime.checked(backend)
    screen = console(json, quiet)
    outcomes = []
    for config in configs or shipped():
        with Waiting(quiet) as show:
            show(f"trying {config}")
            outcome = smoke_one(config, wanted)
        outcomes.append(outcome)
        verdict = "pass" if outcome.problem is None else "FAIL"
        screen.print(f"{outcome.config:<32} {outcome.seconds:6.1f} s  {verdict}", markup=False, emoji=False)
    failed = [f"{o.config}: {o.problem}" for o in outcomes if o.problem is not None]
    if json:
        emit({"passed": len(outcomes) - len(failed), "failed": len(failed), "outcomes": [asdict(o) for o in outcomes]})
    if failed:
        raise TrainingError(*failed, f"{len(failed)} of {len(outcomes)} failed")
    screen.print(f"{len(outcomes)} passed, 0 failed")

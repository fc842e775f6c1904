"""The sections of a sweep file with their defaults filled in."""

from __future__ import annotations

from typing import Literal

from cnnbench.catalogue.values import KeyPath
from cnnbench.sweep.define.schema import ObjectiveSection, SweepFile
from cnnbench.sweep.define.types import Budget, Execution, Objective, Pruning

DIRECTIONS: dict[str, Literal["minimize", "maximize"]] = {
    "val_accuracy": "maximize",
    "val_loss": "minimize",
    "training_seconds": "minimize",
    "parameters": "minimize",
    "macs": "minimize",
    "epochs": "minimize",
}
JUDGED = ("val_accuracy", "val_loss")  # what is known after each epoch


def given_objectives(file: SweepFile) -> list[tuple[KeyPath, ObjectiveSection]]:
    """Return the objectives with their key paths."""
    if isinstance(file.objective, list):
        return [(("objective", i), each) for i, each in enumerate(file.objective)]
    return [(("objective",), file.objective)]


def validation_need(file: SweepFile) -> str | None:
    """Return the first objective that is measured on validation images."""
    return next((each.metric for _, each in given_objectives(file) if each.metric in JUDGED), None)


def objectives(file: SweepFile) -> tuple[Objective, ...]:
    """Return what is to be best, each in the direction that its metric means."""
    return tuple(Objective(each.metric, DIRECTIONS[each.metric]) for _, each in given_objectives(file))


def pruning(file: SweepFile) -> Pruning:
    """Return when a trial ends early."""
    return Pruning(**file.pruning.model_dump(exclude_none=True))


def budget(file: SweepFile) -> Budget:
    """Return when enough is enough."""
    return Budget(**file.budget.model_dump())


def execution(file: SweepFile) -> Execution:
    """Return where trials run; `slots: auto` is None."""
    given = file.execution.model_dump(exclude_none=True)
    return Execution(**{**given, "slots": None if given["slots"] == "auto" else given["slots"]})

"""A checked sweep, as its file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.searches import SEARCHES, SearchMethod
from cnnbench.sweep.define.sections import Budget, Execution, Interval, Objective, Pruning

if TYPE_CHECKING:
    from cnnbench.config.document import Document

SMOKE_TRIALS = 3
Label = bool | int | float | str | None
Values = Mapping[str, Any]  # dotted path -> value, as a file would hold it


@dataclass(frozen=True)
class Choice:
    """One of several values; `label` is how tables and the study name it, unique within its axis.

    The label of a number, a bool, a string or null is the value itself, that of anything else a text.
    """

    label: Label
    value: Any


@dataclass(frozen=True)
class Choices:
    """An axis of listed values."""

    path: str
    choices: tuple[Choice, ...]

    @property
    def listed(self) -> tuple[Any, ...]:
        """The labels of its values, in order."""
        return tuple(choice.label for choice in self.choices)


class Range(Interval):
    """An axis of numbers; whole ones where `integer`.

    `grid` holds the values that a search takes from it which lists them all, empty for the others.
    """

    path: str
    integer: bool = False
    grid: tuple[int | float, ...] = ()

    @property
    def listed(self) -> tuple[float, ...]:
        """The values that are taken from it, in order."""
        return self.grid


Axis = Choices | Range


@dataclass(frozen=True)
class Sweep:
    """A sweep whose file, base and space have been checked.

    `base` is the base configuration's document with the sweep's own fixed values laid over it. `rows` are the points
    of method `list`. `text` is the sweep as YAML that describes the same sweep from any folder.
    """

    name: str
    description: str | None
    base: Document
    method: str
    seed: int
    space: tuple[Axis, ...]
    rows: tuple[Values, ...]
    objectives: tuple[Objective, ...]
    pruning: Pruning
    repeats: int
    budget: Budget
    execution: Execution
    text: str

    @property
    def search(self) -> SearchMethod:
        """How it chooses its points."""
        return SEARCHES[self.method]

    @property
    def axes(self) -> dict[str, Axis]:
        """Its axes by path."""
        return {axis.path: axis for axis in self.space}


def shrunk(sweep: Sweep) -> Sweep:
    """Return a sweep of a few trials of one seed, in a folder of its own, whose trainings are to be shrunk."""
    budget = Budget(trials=min(SMOKE_TRIALS, sweep.budget.trials or SMOKE_TRIALS))
    return replace(sweep, name=f"{sweep.name}-smoke", repeats=1, budget=budget)

"""A checked sweep, as its file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.searches import SEARCHES, SearchMethod
from cnnbench.sweep.define.sections import Budget, Execution, Interval, Objective, Pruning

if TYPE_CHECKING:
    from cnnbench.config.document import Document

SMOKE_TRIALS = 3
Label = bool | int | float | str | None
Values = Mapping[str, Any]  # dotted path -> value, as a file would hold it


def same(a: Any, b: Any) -> bool:
    """Return whether two values are the same to a configuration: true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def exact(number: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


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

    @property
    def values(self) -> list[Any]:
        """Its values, as a file would hold them."""
        return [choice.value for choice in self.choices]

    @property
    def middle(self) -> Label:
        """The label in the middle."""
        return self.choices[self.size // 2].label

    @property
    def size(self) -> int:
        """How many values it has."""
        return len(self.choices)

    def at(self, place: int) -> Label:
        """Return the label at a place in its order."""
        return self.choices[place].label

    def place_of(self, label: Label) -> int:
        """Return the place of a label."""
        return next(i for i, choice in enumerate(self.choices) if same(choice.label, label))

    def value_of(self, label: Label) -> Any:
        """Return the value that a label stands for."""
        return self.choices[self.place_of(label)].value

    def label_of(self, value: Any) -> Label:
        """Return the label of one of its values."""
        return next(choice.label for choice in self.choices if same(choice.value, value))

    def on_its_step(self, label: Label) -> Label:
        """Return the label: it is as it was listed."""
        return label


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

    @property
    def values(self) -> list[float]:
        """Its ends."""
        return [self.low, self.high]

    @property
    def middle(self) -> float:
        """The number in the middle, on the axis' own scale."""
        value = (self.low * self.high) ** 0.5 if self.log else (self.low + self.high) / 2
        return round(value) if self.integer else value

    @property
    def size(self) -> int | None:
        """How many numbers it has, None where it has any."""
        return self.place_of(self.high) + 1 if self.integer or self.step is not None else None

    def at(self, place: int) -> float:
        """Return the number that so many steps lead to."""
        number = exact(self.low) + place * exact(self.step or 1)
        return int(number) if self.integer else float(number)

    def place_of(self, number: Any) -> int:
        """Return how many steps lead to a number."""
        return round((exact(number) - exact(self.low)) / exact(self.step or 1))

    def value_of(self, number: Any) -> Any:
        """Return the number: it is its own label."""
        return number

    def label_of(self, value: Any) -> Any:
        """Return the number that a value is."""
        return value if isinstance(value, int | float) else float(value)

    def on_its_step(self, number: Any) -> Any:
        """Return a number as a grid would have it: 0.3 for 0.1 + 2 * 0.1, which a sampler adds up to more."""
        return number if self.integer or self.step is None else self.at(self.place_of(number))


Axis = Choices | Range


@dataclass(frozen=True)
class Sweep:
    """A sweep whose file, base and space have been checked.

    `base` is the base configuration's document with the sweep's own fixed values laid over it. `rows` are the points
    of method `list`. `text` is the sweep as YAML that describes the same sweep from any folder. A search that takes one
    key at a time begins at `start`, the base's own labels, and goes on from the best of each where it does `carry`.
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
    start: Values = field(default_factory=dict)
    carry: bool = False

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

"""A checked sweep, as its file describes it, and what has become of its trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cnnbench.config.document import Document

Method = Literal["grid", "random", "tpe", "gp", "cmaes", "list"]
PLANNED: tuple[Method, ...] = ("grid", "random", "list")  # every point is known before the first one runs
OVER = ("done", "pruned", "failed")  # states of a trial that is not gone on with
Values = Mapping[str, Any]  # dotted path -> value, as a file would hold it


@dataclass(frozen=True)
class Choice:
    """One of several values; `label` is how tables and the study name it, unique within its axis.

    The label of a number, a bool, a string or null is the value itself, that of anything else a text.
    """

    label: bool | int | float | str | None
    value: Any


@dataclass(frozen=True)
class Choices:
    """An axis of listed values."""

    path: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Range:
    """An axis of numbers from `low` to `high`, both included; whole numbers where `integer`.

    `grid` holds the values a grid takes from it, empty for the other methods.
    """

    path: str
    low: float
    high: float
    log: bool = False
    step: float | None = None
    integer: bool = False
    grid: tuple[float, ...] = ()


Axis = Choices | Range


@dataclass(frozen=True)
class Objective:
    """What is to be best: a value of validation data, or a cost."""

    metric: str
    direction: Literal["minimize", "maximize"]


@dataclass(frozen=True)
class Pruning:
    """When a trial is not worth its remaining epochs; the names are those of Optuna's pruners."""

    method: Literal["none", "median", "asha", "hyperband"] = "none"
    min_epochs: int = 1
    reduction_factor: int = 3
    startup_trials: int = 5


@dataclass(frozen=True)
class Budget:
    """When enough is enough; None is without limit. `trial_minutes` limits each training."""

    trials: int | None = None
    hours: float | None = None
    trial_minutes: float | None = None


@dataclass(frozen=True)
class Execution:
    """Where trials run. `slots` and `threads` are None where the machine decides."""

    engine: Literal["local", "ray"] = "local"
    slots: int | None = None
    threads: int | None = None
    address: str | None = None
    cpus_per_trial: float = 1
    gpus_per_trial: float = 0


@dataclass(frozen=True)
class Sweep:
    """A sweep whose file, base and space have been checked.

    `base` is the base configuration's document with the sweep's own fixed values laid over it. `rows` are the points
    of method `list`. `text` is the sweep as YAML that describes the same sweep from any folder.
    """

    name: str
    description: str | None
    base: Document
    method: Method
    seed: int
    space: tuple[Axis, ...]
    rows: tuple[Values, ...]
    objectives: tuple[Objective, ...]
    pruning: Pruning
    repeats: int
    budget: Budget
    execution: Execution
    text: str


@dataclass(frozen=True)
class SeedRun:
    """One training of a trial.

    `values` holds every objective's value, empty unless it is done. `path` is its run folder, None where that lies on
    another machine. `test_accuracy` is told and never ranked by.
    """

    seed: int
    state: str
    reason: str
    values: Mapping[str, float]
    epochs: int
    seconds: float
    path: str | None = None
    test_accuracy: float | None = None
    log: str = ""


@dataclass(frozen=True)
class Trial:
    """A point of the space and its trainings; `values` names its value on every axis by label.

    `state` is waiting, running, stopped (gone on with when the sweep is run again), done, pruned or failed.
    `objectives` are means over the seeds, in the sweep's order, None unless it is done. `ended` is seconds since the
    epoch.
    """

    number: int
    point: str
    values: Values
    state: str
    reason: str
    runs: tuple[SeedRun, ...]
    objectives: tuple[float, ...] | None = None
    started: float | None = None
    ended: float | None = None


@dataclass(frozen=True)
class SweepResults:
    """A sweep and its trials, in the order they were begun; `importances` is metric -> path -> share of variance."""

    sweep: Sweep
    trials: tuple[Trial, ...]
    importances: Mapping[str, Mapping[str, float]]
    best_config: str | None
    smoke: bool
    state: str

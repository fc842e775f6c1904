"""The keys of a sweep file as frozen pydantic models, which everything that reads a sweep reads.

Its space and its values are checked against the base.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from cnnbench.catalogue.searches import PRUNINGS, SEARCHES, that_take
from cnnbench.catalogue.values import KeyPath
from cnnbench.config.one_of import OneOf
from cnnbench.config.schema import Config
from cnnbench.config.section import AboveZero, Positive, Section
from cnnbench.sweep.define.objectives import JUDGED, OBJECTIVES, Direction, meant

_NAME = Config.model_fields["name"]
MOST = 10_000  # values of one axis: a mistyped end of a range must not eat the memory
MOST_REPEATS = 1_000
MOST_TRIALS = 100_000
_PATHS = Field(max_length=100, json_schema_extra={"expected": "a mapping of at most 100 dotted paths"})
Number = Annotated[int | float, Field(json_schema_extra={"expected": "a number"})]
Step = Annotated[Annotated[int | float, Field(gt=0)], Field(json_schema_extra={"expected": "a number > 0"})]


def _as(key: str, types: type | tuple[type, ...]) -> BeforeValidator:
    """Let a value alone stand for a mapping with that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, types) else value)


def _given(section: Any) -> Any:
    """Let null stand for a key's default."""
    return {k: v for k, v in section.items() if v is not None} if isinstance(section, dict) else section


def _listed(names: Iterable[str], word: str = "and") -> str:
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


class Search(Section):
    """How the points of the space are chosen."""

    method: Annotated[str, OneOf(SEARCHES)] = Field(
        default="grid", description="list takes its points from a file; the others from `space`"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(default=0, description=f"of {_listed(that_take('seed'))}")
    file: str | None = Field(default=None, description="list: a CSV file, dotted paths in its header, a point per row")
    rows: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = Field(
        default=None, description="list: the points in place, each a mapping of dotted paths to values"
    )
    order: Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None, description="one_factor: the paths of `space`, first to last; null: as they stand there"
    )
    carry: bool = Field(
        default=True, description="one_factor: whether the keys that follow are tried at the best value of a key"
    )
    without: list[str] | dict[str, dict[str, Any] | None] | None = Field(
        default=None,
        description="ablation: names of techniques, or by name the dotted paths and values that switch it off; "
        "null: all that are known and that the base has",
    )


class Objective(Section):
    """What is to be best: a value of validation data, or a cost."""

    model_config = ConfigDict(json_schema_extra={"expected": "a metric or {metric, direction}"})

    metric: str = Field(description=_listed(OBJECTIVES, "or"))
    direction: Direction = Field(default_factory=meant, description="what the metric means")


class Pruning(Section):
    """When a trial is not worth its remaining epochs."""

    model_config = ConfigDict(json_schema_extra={"expected": "a name or a mapping with method"})

    method: Annotated[str, OneOf(PRUNINGS)] = "none"
    min_epochs: Positive = Field(default=1, description="epochs that every trial gets")
    reduction_factor: Annotated[int, Field(ge=2)] = Field(
        default=3, description=f"{_listed(that_take('reduction_factor'))}: one of so many goes on at each rung"
    )
    startup_trials: Annotated[int, Field(ge=0)] = Field(
        default=5, description=f"{_listed(that_take('startup_trials'))}: trials that end before the first one is pruned"
    )

    @property
    def judges(self) -> bool:
        """Whether any trial may end early."""
        return self.method != "none"


class Budget(Section):
    """When enough is enough; null is without limit."""

    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = Field(
        default=None, description="points in all, each trained `repeats` times"
    )
    hours: AboveZero | None = Field(default=None, description="wall time after which no trial is begun")
    trial_minutes: AboveZero | None = Field(default=None, description="wall time of each training")


class Execution(Section):
    """Where trials run."""

    engine: Literal["local", "ray"] = "local"
    slots: Literal["auto"] | Positive = Field(default="auto", description="trainings at a time")
    threads: Positive | None = Field(default=None, description="CPU threads of each training; null: by the slots")
    preload: bool = Field(
        default=True, description="local: fork trainings from a process that has imported TensorFlow, on Linux"
    )
    address: str | None = Field(default=None, description="ray: auto or ray://host:port; null starts a cluster here")
    cpus_per_trial: AboveZero = Field(default=1, description="ray")
    gpus_per_trial: Annotated[float, Field(ge=0)] = Field(default=0, description="ray")

    @property
    def at_a_time(self) -> int | None:
        """How many trainings run at a time, None where the machine decides."""
        return None if self.slots == "auto" else self.slots


OneObjective = Annotated[Objective, _as("metric", str), BeforeValidator(_given)]


class SweepFile(Section):
    """Many runs of one base configuration."""

    name: Annotated[str, _NAME] | None = Field(default=None, description="names the sweep's folder; default the file's")
    description: str | None = None
    base: str | dict[str, Any] = Field(description="a shipped experiment, a file, or a configuration in place")
    fixed: Annotated[dict[str, Any], _PATHS] = Field(default={}, description="dotted path: value, for every trial")
    search: Annotated[Search, _as("method", str), BeforeValidator(_given)] = Search()
    space: Annotated[dict[str, Any], _PATHS] = Field(
        default={}, description="path: list, {low, high, log, step, points} or {choices}"
    )
    objective: OneObjective | Annotated[list[OneObjective], Field(min_length=1)] = Objective(metric="val_accuracy")
    pruning: Annotated[Pruning, _as("method", str), BeforeValidator(_given)] = Pruning()
    repeats: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = Field(default=1, description="seeds per point")
    budget: Budget = Budget()
    execution: Annotated[Execution, _as("engine", str), BeforeValidator(_given)] = Execution()

    def objectives(self) -> dict[KeyPath, Objective]:
        """Return the objectives by their key paths, in the file's order."""
        if isinstance(self.objective, list):
            return {("objective", i): each for i, each in enumerate(self.objective)}
        return {("objective",): self.objective}

    def validated_by(self) -> str | None:
        """Return the first objective that is measured on validation images."""
        return next((each.metric for each in self.objectives().values() if each.metric in JUDGED), None)


class Interval(Section):
    """Numbers from `low` to `high`, both included."""

    low: Number
    high: Number
    log: bool = False
    step: Step | None = None
    points: Annotated[int, Field(ge=2, le=MOST)] | None = Field(
        default=None, description="grid: how many, evenly spaced"
    )


class NamedChoices(Section):
    """Values by the names that tables show."""

    choices: dict[str, Any] = Field(min_length=1)

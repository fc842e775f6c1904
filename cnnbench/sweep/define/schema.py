"""The keys of a sweep file as frozen pydantic models; its space and its values are checked against the base."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from cnnbench.config.schema import Config
from cnnbench.config.section import Positive, Section
from cnnbench.sweep.define.types import Method

_NAME = Config.model_fields["name"]
MOST = 10_000  # values of one axis: a mistyped end of a range must not eat the memory
MOST_REPEATS = 1_000
MOST_TRIALS = 100_000
_PATHS = Field(max_length=100, json_schema_extra={"expected": "a mapping of at most 100 dotted paths"})
Number = Annotated[int | float, Field(json_schema_extra={"expected": "a number"})]
Step = Annotated[Annotated[int | float, Field(gt=0)], Field(json_schema_extra={"expected": "a number > 0"})]
AboveZero = Annotated[float, Field(gt=0)]


def _as(key: str, types: type | tuple[type, ...]) -> BeforeValidator:
    """Let a value alone stand for a mapping with that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, types) else value)


class SearchSection(Section):
    """How the points of the space are chosen."""

    method: Method = Field(default="grid", description="list takes its points from a file; the others from `space`")
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="of random, tpe, gp and cmaes, default 0"
    )
    file: str | None = Field(default=None, description="list: a CSV file, dotted paths in its header, a point per row")
    rows: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = Field(
        default=None, description="list: the points in place, each a mapping of dotted paths to values"
    )


class ObjectiveSection(Section):
    """What is to be best."""

    model_config = ConfigDict(json_schema_extra={"expected": "a metric or {metric, direction}"})

    metric: str = Field(description="val_accuracy, val_loss, training_seconds, parameters, macs or epochs")
    direction: Literal["minimize", "maximize"] | None = Field(default=None, description="what the metric means")


class PruningSection(Section):
    """When a trial is not worth its remaining epochs."""

    model_config = ConfigDict(json_schema_extra={"expected": "a name or a mapping with method"})

    method: Literal["none", "median", "asha", "hyperband"] = "none"
    min_epochs: Positive | None = Field(default=None, description="epochs that every trial gets, default 1")
    reduction_factor: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="asha and hyperband: one of so many goes on at each rung, default 3"
    )
    startup_trials: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="median: trials that end before the first one is pruned, default 5"
    )


class BudgetSection(Section):
    """When enough is enough."""

    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = Field(
        default=None, description="points in all, each trained `repeats` times"
    )
    hours: AboveZero | None = Field(default=None, description="wall time after which no trial is begun")
    trial_minutes: AboveZero | None = Field(default=None, description="wall time of each training")


class ExecutionSection(Section):
    """Where trials run."""

    engine: Literal["local", "ray"] = "local"
    slots: Literal["auto"] | Positive = Field(default="auto", description="trainings at a time")
    threads: Positive | None = Field(default=None, description="CPU threads of each training; null: by the slots")
    address: str | None = Field(default=None, description="ray: auto or ray://host:port; null starts a cluster here")
    cpus_per_trial: AboveZero | None = Field(default=None, description="ray, default 1")
    gpus_per_trial: Annotated[float, Field(ge=0)] | None = Field(default=None, description="ray, default 0")


OneObjective = Annotated[ObjectiveSection, _as("metric", str)]


class SweepFile(Section):
    """Many runs of one base configuration."""

    name: Annotated[str, _NAME] | None = Field(default=None, description="names the sweep's folder; default the file's")
    description: str | None = None
    base: str | dict[str, Any] = Field(description="a shipped experiment, a file, or a configuration in place")
    fixed: Annotated[dict[str, Any], _PATHS] = Field(default={}, description="dotted path: value, for every trial")
    search: Annotated[SearchSection, _as("method", str)] = SearchSection()
    space: Annotated[dict[str, Any], _PATHS] = Field(
        default={}, description="path: list, {low, high, log, step, points} or {choices}"
    )
    objective: OneObjective | Annotated[list[OneObjective], Field(min_length=1)] = ObjectiveSection(
        metric="val_accuracy"
    )
    pruning: Annotated[PruningSection, _as("method", str)] = PruningSection()
    repeats: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = Field(default=1, description="seeds per point")
    budget: BudgetSection = BudgetSection()
    execution: Annotated[ExecutionSection, _as("engine", str)] = ExecutionSection()


class RangeSection(Section):
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

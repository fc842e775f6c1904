"""The trials of a sweep as far as they have come, as its study has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnbench.sweep.define.sweep import Axis, Label, Sweep, Values, same
from cnnbench.sweep.run.place import Place

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

STATES = {"RUNNING": "running", "WAITING": "waiting", "COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
OVER = ("done", "pruned", "failed")  # states of a trial that is not gone on with


@dataclass(frozen=True)
class SeedRun:
    """One training of a trial.

    `values` holds every objective's value, empty unless it is done. `path` is its run folder, None where that lies on
    another machine. `validated` and `tested` are what was measured on the validation and the test images, by key: told
    and never ranked by.
    """

    seed: int
    state: str
    reason: str
    values: Mapping[str, float]
    epochs: int
    seconds: float
    path: str | None = None
    tested: Mapping[str, float] = field(default_factory=dict)
    log: str = ""
    validated: Mapping[str, float] = field(default_factory=dict)


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


def trials_of(study: Study, sweep: Sweep, idle: Place | None = None) -> tuple[Trial, ...]:
    """Return the trials of a study, the last one of each point, in the order they were begun.

    Those that run in an `idle` place by the study are stopped: nobody works there. Left out are trials that repeat
    another, and those that were lost or tried again for what took their place.
    """
    last: dict[str, Trial] = {}
    for frozen in study.get_trials(deepcopy=False):
        known = set(frozen.params) == set(sweep.axes)
        if known and not is_lost(frozen) and not is_same(frozen):
            stopped = frozen.state.name == "RUNNING" and idle is not None and idle.has(frozen.user_attrs)
            trial = _trial(frozen, sweep, "stopped" if stopped else STATES[frozen.state.name])
            last.pop(key_of(trial.values), None)
            last[key_of(trial.values)] = trial
    return tuple(sorted(last.values(), key=lambda trial: trial.number))


def is_same(trial: FrozenTrial) -> bool:
    """Return whether a trial repeats another, which has its worth."""
    return "same_as" in trial.user_attrs


def is_lost(trial: FrozenTrial) -> bool:
    """Return whether a trial's machine went silent: nobody told why it ended."""
    return STATES[trial.state.name] == "failed" and "reason" not in trial.user_attrs


def label_in(axis: Axis, value: Any) -> Label:
    """Return a value of the study as the sweep's file has it: 1 where the study's axis of numbers made it 1.0."""
    return next((label for label in axis.listed if same(label, value)), value)


def key_of(values: Values) -> str:
    """Return what two equal points have in common; 1 and 1.0 are equal, 1 and true are not."""
    plain = {k: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for k, v in values.items()}
    return json.dumps(plain, sort_keys=True)


def _trial(frozen: FrozenTrial, sweep: Sweep, state: str) -> Trial:
    attributes = frozen.user_attrs
    return Trial(
        number=frozen.number,
        point=attributes.get("point", ""),
        values={axis.path: label_in(axis, frozen.params[axis.path]) for axis in sweep.space},
        state=state,
        reason=attributes.get("reason", ""),
        runs=tuple(map(_seed_run, attributes.get("runs", ()))),
        objectives=tuple(frozen.values) if state == "done" else None,
        started=frozen.datetime_start.timestamp() if frozen.datetime_start else None,
        ended=frozen.datetime_complete.timestamp() if frozen.datetime_complete else None,
    )


def _seed_run(told: Mapping[str, Any]) -> SeedRun:
    """Return a training as a study has it; earlier ones have no more of the test than its accuracy."""
    run = dict(told)
    accuracy = run.pop("test_accuracy", None)
    return SeedRun(**(run if accuracy is None else {**run, "tested": {"accuracy": accuracy}}))

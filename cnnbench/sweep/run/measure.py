"""What a training's folder says of it to a sweep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.catalogue.measures import FOUR, RECORDED
from cnnbench.files.checked import Unreadable
from cnnbench.numbers import leaves, mean
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.runs.split import sibling
from cnnbench.sweep.define.objectives import COSTS
from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.run.trials import SeedRun

if TYPE_CHECKING:
    from cnnbench.config.schema import Data


def is_done(folder: Path) -> bool:
    """Return whether the run in `folder` has all its results; a damaged one has not."""
    try:
        return Run(folder).is_done
    except Unreadable:
        return False


def was_read(folder: SweepDir, data: Data) -> bool:
    """Return whether a training of a sweep has found the images that this data asks for."""
    return sibling(folder.trials.glob("*/seed-*"), data) is not None


def seed_run(folder: Path, seed: int, objectives: Sequence[Objective], state: str, reason: str, log: str) -> SeedRun:
    """Return what the run folder says, the reason too where none is given; values only where it is done.

    Raises DataError where the folder of a run that is done is damaged; of another one nothing is known then.
    """
    run, done = Run(folder), state == "done"
    try:
        status, history, metrics = run.status, run.history, run.metrics or {}
        validated = run.on("validation").metrics or {}
    except Unreadable:
        if done:
            raise
        status, history, metrics, validated = {}, [], {}, {}
    return SeedRun(
        seed=seed,
        state=state,
        reason=reason or str(status.get("reason")),
        values={o.metric: value(o.metric, status, history, metrics, validated) for o in objectives} if done else {},
        epochs=len(history),
        seconds=float(status.get("seconds") or 0.0),
        path=str(folder.absolute()),
        tested=_measured(metrics, RECORDED) if done else {},
        log=log,
        validated=_measured(validated, FOUR) if done else {},
    )


def _measured(metrics: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float]:
    """Return the measures of these dotted keys that there are."""
    there = dict(leaves(metrics))
    return {key: there[key] for key in keys if there.get(key) is not None}


def mean_of(runs: Iterable[SeedRun], metric: str) -> float:
    """Return the mean of an objective over trainings that are done, the same number wherever a sweep tells it."""
    return mean([run.values[metric] for run in runs])


def value(
    metric: str,
    status: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    metrics: Mapping[str, Any],
    validated: Mapping[str, Any],
) -> float:
    """Return an objective's value of a finished run; validation values are those of the epoch whose weights it kept.

    Of what has no epochs they are what was measured on the validation images afterwards.
    """
    if metric in COSTS:
        return float(dict(leaves({**metrics, "epochs": len(history)}))[COSTS[metric]])
    return float(history[int(status["kept_epoch"]) - 1][metric] if history else validated["accuracy"])

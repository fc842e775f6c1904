"""What a sweep would run, and about how long that would take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from cnnbench.config.schema import Config
from cnnbench.experiment.shrink import shrink
from cnnbench.machine import slots as machine
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.space import config_at, points_given, size_of
from cnnbench.sweep.define.sweep import Sweep, Values, shrunk
from cnnbench.sweep.run.factors import End, factors
from cnnbench.sweep.run.measure import is_done, mean_of, seed_run
from cnnbench.sweep.run.pace import Pace
from cnnbench.sweep.run.proposals import planned
from cnnbench.sweep.run.trials import key_of

BEST = "the best"  # value of a key, which follows from trials that have not run
UNLIMITED = 20  # trials that are printed of a random search which time alone ends


@dataclass(frozen=True)
class PlannedTrial:
    """A trial that will run: how many of its trainings are done, and seconds for the others, None if unknown."""

    values: Values
    point: str
    done: int
    runs: int
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """Trials in order, `trials` None where a sampler chooses; `basis` says what the estimate stands on."""

    sweep: Sweep
    trials: Sequence[PlannedTrial] | None
    runs: int | None
    slots: int
    seconds: float | None
    basis: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        trials = (
            None if self.trials is None else [{**vars(trial), "values": dict(trial.values)} for trial in self.trials]
        )
        numbers = {"runs": self.runs, "slots": self.slots, "seconds": self.seconds, "basis": self.basis}
        return {"name": self.sweep.name, "method": self.sweep.method, **numbers, "trials": trials}


def runs_in_all(sweep: Sweep) -> int | None:
    """Return how many trainings a sweep has at most, None where only time limits it."""
    trials = trials_in_all(sweep)
    return None if trials is None else trials * sweep.repeats


def trials_in_all(sweep: Sweep) -> int | None:
    """Return how many trials a sweep has at most, None where only time limits it."""
    limit = sweep.budget.trials
    there_are = size_of(sweep.space) if sweep.search.draws else points_given(sweep)
    if limit is None:
        return points_given(sweep)
    return limit if there_are is None else min(limit, there_are)


def plan_of(sweep: Sweep, root: Path, smoke: bool) -> Plan:
    """Return what would run; nothing is started but a matrix product that tells this machine's speed."""
    sweep = shrunk(sweep) if smoke else sweep
    slots = sweep.execution.at_a_time or machine.slots()
    trials, configs = _trials(sweep, SweepDir(root / sweep.name), smoke)
    seconds = [trial.seconds for trial in trials]
    known = [s for s in seconds if s is not None]
    complete = trials and len(known) == len(seconds)
    shown = None if sweep.search.learns else trials
    total = runs_in_all(sweep)
    if not complete:
        return Plan(sweep, shown, total, slots, None, _unknown(configs))
    basis = _basis(trials, configs)
    each = sum(known) / len(known)
    in_all = sum(known) if shown is not None and total is not None else each * (trials_in_all(sweep) or 0)
    if sweep.budget.hours is not None:
        in_all = min(in_all or float("inf"), 3600 * sweep.budget.hours * slots)
    return Plan(sweep, shown, total, slots, in_all / slots, basis)


def _unknown(configs: Sequence[Config]) -> str:
    if any(config.model.estimator is not None for config in configs):
        return "how long an estimator takes is not known before it is fitted"
    return "the size of the data is not known before it is read"


def _basis(trials: Sequence[PlannedTrial], configs: Sequence[Config]) -> str:
    if all(config.train.budget_minutes is not None for config in configs):
        return "by train.budget_minutes, and start-up"
    if any(trial.done for trial in trials):
        return "from the trainings that are done"
    return "roughly, from multiplications per image and this machine's speed at them"


def _trials(sweep: Sweep, folder: SweepDir, smoke: bool) -> tuple[list[PlannedTrial], Sequence[Config]]:
    """Return the planned trials, of an adaptive search the middle of its space as an example, and their experiments."""

    def config(point: Values) -> Config:
        at = config_at(sweep, {path: sweep.start[path] if label is BEST else label for path, label in point.items()})
        return shrink(at) if smoke else at

    points = list(_points(sweep, folder, config))
    configs = [config(point) for point in points]
    pace = Pace.measured((config, folder.run(identity(config), config.seed)) for config in configs)
    trials = [_trial(sweep, folder, *each, pace) for each in zip(points, configs, strict=True)]
    return _with_first_pass(trials, configs, pace), configs


def _with_first_pass(trials: list[PlannedTrial], configs: Sequence[Config], pace: Pace) -> list[PlannedTrial]:
    """Let the first trial also take the time in which all images go through a frozen base, once for all of them."""
    if not trials or trials[0].seconds is None or any(trial.done for trial in trials):
        return trials
    once = pace.first_pass(configs[0])
    return [replace(trials[0], seconds=trials[0].seconds + once), *trials[1:]]


def _in_turn(sweep: Sweep, folder: SweepDir, config: Callable[[Values], Config]) -> Iterator[Values]:
    """Yield the points of keys in turn; what is not known yet of a point, the best value of a key, is `BEST`."""

    def ended(point: Values) -> End | None:
        at = config(point)
        runs = [folder.run(identity(at), seed) for seed in range(at.seed, at.seed + sweep.repeats)]
        if not all(map(is_done, runs)):
            return None
        done = [seed_run(path, 0, sweep.objectives, "done", "", "") for path in runs]
        return End(mean_of(done, sweep.objectives[0].metric))

    known = factors(sweep, ended)
    yield from {key_of(point): point for factor in known for point in factor.points}.values()
    held = {**known[-1].points[0], known[-1].axis.path: BEST}
    for axis in sweep.space[len(known) :]:
        yield from ({**held, axis.path: label} for label in axis.listed if label != sweep.start[axis.path])
        held[axis.path] = BEST


def _points(sweep: Sweep, folder: SweepDir, config: Callable[[Values], Config]) -> Iterator[Values]:
    if sweep.search.learns:
        return iter([{axis.path: axis.middle for axis in sweep.space}])
    points = _in_turn(sweep, folder, config) if sweep.search.in_turn else planned(sweep)
    return islice(points, trials_in_all(sweep) or UNLIMITED)


def _trial(sweep: Sweep, folder: SweepDir, values: Values, config: Config, pace: Pace) -> PlannedTrial:
    point = identity(config)
    seeds = range(config.seed, config.seed + sweep.repeats)
    done = sum(is_done(folder.run(point, seed)) for seed in seeds)
    each = pace.seconds(config)
    return PlannedTrial(values, point, done, sweep.repeats, None if each is None else each * (sweep.repeats - done))

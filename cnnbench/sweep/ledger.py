"""The trials of a sweep in its study: which one is next, what became of each.

A trial that this or another process left running is gone on with; a trial whose machine went silent is lost, and its
point is missing again.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.record import is_alive
from cnnbench.sweep.identity import identity
from cnnbench.sweep.space import config_of, value_of
from cnnbench.sweep.study import HEARTBEAT, distributions, planned, sampler
from cnnbench.sweep.types import PLANNED, Axis, Choices, SeedRun, Sweep, Trial, Values

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

STATES = {"RUNNING": "running", "WAITING": "waiting", "COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


@dataclass(frozen=True)
class Point:
    """A trial to run: its number in the study, its values by label, and the configuration they make."""

    number: int
    trial: optuna.Trial
    values: Values
    config: Config
    identity: str


class Ledger:
    """Hands out the points of a sweep and writes down what became of them.

    `resolve` makes the configuration of a point from the sweep's, as a smoke test does.
    """

    def __init__(self, study: optuna.Study, sweep: Sweep, smoke: bool, retry: bool) -> None:
        self._study, self._sweep, self._smoke = study, sweep, smoke
        self._space = distributions(sweep)
        self._axes = {axis.path: axis for axis in sweep.space}
        self._left = self._left_behind()
        self._again = [t.params for t in self._trials() if retry and STATES[t.state.name] == "failed" and _is_told(t)]
        self._plan: Iterator[Values] = planned(sweep) if sweep.method in PLANNED else iter(())
        self._last_beat = 0.0

    def next(self) -> Point | None:
        """Return the next trial to run, None where there is none within the budget."""
        while (trial := self._next_trial()) is not None:
            point = self._point(trial)
            if point is not None:
                return point
        return None

    def report(self, point: Point, epoch: int, value: float) -> bool:
        """Note a judged trial's value after an epoch; return whether it should be pruned."""
        point.trial.report(value, epoch)
        return point.trial.should_prune()

    def note(self, point: Point, runs: Mapping[int, SeedRun]) -> None:
        """Write down the trainings of a trial as far as they are over."""
        point.trial.set_user_attr("runs", [asdict(run) for run in runs.values()])

    def finish(self, point: Point, state: str, reason: str, values: list[float] | None = None) -> None:
        """Write down how a trial ended."""
        self._finish(point.trial, state, reason, values)

    def beat(self, points: Iterator[Point]) -> None:
        """Give a sign of life of trials that run, where the storage is shared with other machines."""
        from optuna.storages._heartbeat import BaseHeartbeat

        storage = self._study._storage  # Optuna gives signs of life in `optimize` alone, and has no other way to it
        if time.monotonic() - self._last_beat < HEARTBEAT or not isinstance(storage, BaseHeartbeat):
            return
        self._last_beat = time.monotonic()
        if storage.get_heartbeat_interval() is not None:
            for point in points:
                storage.record_heartbeat(point.trial._trial_id)

    def results(self) -> list[Trial]:
        """Return the trials as far as they have come, the last one of each point, in the order they were begun."""
        return results(self._study, self._sweep)

    def _finish(self, trial: optuna.Trial, state: str, reason: str, values: list[float] | None = None) -> None:
        from optuna.trial import TrialState

        told = {"done": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        trial.set_user_attr("reason", reason)
        self._study.tell(trial, values if state == "done" else None, state=told[state], skip_if_finished=True)

    def _trials(self) -> list[FrozenTrial]:
        return [t for t in self._study.get_trials(deepcopy=False) if not _is_lost(t)]

    def _left_behind(self) -> list[FrozenTrial]:
        """Return trials that are running by the study and by nobody on this machine."""
        import optuna

        here = [t for t in self._trials() if STATES[t.state.name] == "running" and _is_ours(t)]
        optuna.storages.fail_stale_trials(self._study)
        return [t for t in here if not is_alive({"state": "running", **t.user_attrs.get("owner", {})})]

    def _next_trial(self) -> optuna.Trial | None:
        """Return a trial left behind, one to try again, or a new one; None where there is none."""
        import optuna

        if self._left:
            return optuna.Trial(self._study, self._left.pop(0)._trial_id)
        if self._again:
            return self._queued(self._again.pop(0), retried=True)
        if self._is_spent():
            return None
        if self._sweep.method in PLANNED:
            return self._next_planned()
        self._study.sampler = sampler(self._sweep, len(self._study.get_trials(deepcopy=False)))
        return self._owned(self._study.ask(fixed_distributions=self._space))

    def _is_spent(self) -> bool:
        limit = self._sweep.budget.trials
        return limit is not None and len([t for t in self._trials() if "retried" not in t.user_attrs]) >= limit

    def _next_planned(self) -> optuna.Trial | None:
        begun = {_key(t.params) for t in self._trials()}
        values = next((v for v in self._plan if _key(v) not in begun), None)
        return None if values is None else self._queued(values)

    def _queued(self, values: Values, **attributes: Any) -> optuna.Trial:
        self._study.enqueue_trial(dict(values), user_attrs=attributes)
        return self._owned(self._study.ask(fixed_distributions=self._space))

    def _owned(self, trial: optuna.Trial) -> optuna.Trial:
        trial.set_user_attr("owner", {"host": platform.node(), "pid": os.getpid()})
        return trial

    def _point(self, trial: optuna.Trial) -> Point | None:
        """Return what to run, None where that makes no configuration or another trial is the same one."""
        self._owned(trial)
        chosen = {path: trial._suggest(path, space) for path, space in self._space.items()}  # or what was chosen before
        values = {path: _label(self._axes[path], value) for path, value in chosen.items()}
        try:
            config = config_of(self._sweep, {p: value_of(self._axes[p], label) for p, label in values.items()})
        except ConfigError as e:
            self._finish(trial, "failed", "; ".join(e.problems))
            return None
        if self._smoke:
            from cnnbench.smoke import shrink

            config = shrink(config)
        point = Point(trial.number, trial, values, config, identity(config))
        trial.set_user_attr("point", point.identity)
        return None if self._is_repeated(point) else point

    def _is_repeated(self, point: Point) -> bool:
        """Tell the study of a point that another trial is what that one is worth."""
        for other in self._trials():
            if other.number == point.number or other.user_attrs.get("point") != point.identity:
                continue
            state = STATES[other.state.name]
            if state == "done" or (state == "running" and other.number < point.number):
                point.trial.set_user_attr("same_as", other.number)
                ended = "done" if state == "done" else "failed"
                self.finish(point, ended, f"the same as trial {other.number}", other.values)
                return True
        return False


def results(study: optuna.Study, sweep: Sweep) -> list[Trial]:
    """Return the trials of a study as far as they have come, in the order they were begun.

    Left out are trials that repeat another, and those that were lost or tried again for what took their place.
    """
    last: dict[str, Trial] = {}
    for frozen in study.get_trials(deepcopy=False):
        known = set(frozen.params) == {axis.path for axis in sweep.space}
        if known and not _is_lost(frozen) and "same_as" not in frozen.user_attrs:
            trial = _trial(frozen, sweep)
            last.pop(_key(trial.values), None)
            last[_key(trial.values)] = trial
    return sorted(last.values(), key=lambda trial: trial.number)


def _trial(frozen: FrozenTrial, sweep: Sweep) -> Trial:
    attributes, state = frozen.user_attrs, STATES[frozen.state.name]
    return Trial(
        number=frozen.number,
        point=attributes.get("point", ""),
        values={axis.path: _label(axis, frozen.params[axis.path]) for axis in sweep.space},
        state=state,
        reason=attributes.get("reason", ""),
        runs=tuple(SeedRun(**run) for run in attributes.get("runs", ())),
        objectives=tuple(frozen.values) if state == "done" else None,
        started=frozen.datetime_start.timestamp() if frozen.datetime_start else None,
        ended=frozen.datetime_complete.timestamp() if frozen.datetime_complete else None,
    )


def _is_told(trial: FrozenTrial) -> bool:
    return "reason" in trial.user_attrs


def _is_lost(trial: FrozenTrial) -> bool:
    return STATES[trial.state.name] == "failed" and not _is_told(trial)


def _is_ours(trial: FrozenTrial) -> bool:
    return bool(trial.user_attrs.get("owner", {}).get("host", platform.node()) == platform.node())


def _label(axis: Axis, value: Any) -> Any:
    """Return a value of the study as the sweep's file has it: 1 where the study's axis of numbers made it 1.0."""
    labels = [choice.label for choice in axis.choices] if isinstance(axis, Choices) else []
    return next(
        (label for label in labels if label == value and isinstance(label, bool) == isinstance(value, bool)), value
    )


def _key(values: Values) -> str:
    """Return what two equal points have in common; 1 and 1.0 are equal, 1 and true are not."""
    plain = {k: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for k, v in values.items()}
    return json.dumps(plain, sort_keys=True)

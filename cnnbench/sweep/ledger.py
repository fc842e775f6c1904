"""The trials of a sweep in its study: which one is next, what became of each.

A trial that an earlier process left running in this sweep's folder is gone on with. In a study that machines share,
those of other folders are theirs; one whose machine went silent is lost, and its point is missing again.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.sweep import study as studies
from cnnbench.sweep.identity import identity
from cnnbench.sweep.place import Place
from cnnbench.sweep.space import config_of, value_of
from cnnbench.sweep.study import distributions, planned, sampler
from cnnbench.sweep.types import PLANNED, Axis, Choices, SeedRun, Sweep, Trial, Values

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

STATES = {"RUNNING": "running", "WAITING": "waiting", "COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
NAMES = {ours: optunas for optunas, ours in STATES.items()}


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

    Only one process at a time works in a place. `smoke` shrinks every configuration, `retry` hands out failed points
    again.
    """

    def __init__(self, study: optuna.Study, sweep: Sweep, place: Place, *, smoke: bool, retry: bool) -> None:
        self._study, self._sweep, self._place, self._smoke = study, sweep, place, smoke
        self._space = distributions(sweep)
        self._axes = {axis.path: axis for axis in sweep.space}
        self._left = self._left_behind()
        self._again = [t.params for t in self._trials() if retry and STATES[t.state.name] == "failed" and _is_told(t)]
        self._plan: Iterator[Values] = planned(sweep) if sweep.method in PLANNED else iter(())
        self._last_beat = -math.inf

    def next(self) -> Point | None:
        """Return the next trial to run, None where there is none within the budget."""
        while (trial := self._next_trial()) is not None:
            with _unless_taken():
                if (point := self._point(trial)) is not None:
                    self._last_beat = -math.inf  # so that the first sign of life of this one comes at once
                    return point
        return None

    def report(self, point: Point, epoch: int, value: float) -> bool:
        """Note a judged trial's value after an epoch; return whether it should be pruned."""
        with _unless_taken():
            point.trial.report(value, epoch)
            return point.trial.should_prune()
        return False

    def note(self, point: Point, runs: Mapping[int, SeedRun]) -> None:
        """Write down the trainings of a trial as far as they are over."""
        with _unless_taken():
            point.trial.set_user_attr("runs", [asdict(run) for run in runs.values()])

    def finish(self, point: Point, state: str, reason: str, values: list[float] | None = None) -> None:
        """Write down how a trial ended."""
        with _unless_taken():
            self._finish(point.trial, state, reason, values)

    def beat(self, points: Iterator[Point]) -> None:
        """Give a sign of life of trials that run or are to be gone on with, where others work on the study too."""
        from optuna.storages._heartbeat import BaseHeartbeat

        storage = self._study._storage  # Optuna gives signs of life in `optimize` alone, and has no other way to it
        if time.monotonic() - self._last_beat < studies.HEARTBEAT or not isinstance(storage, BaseHeartbeat):
            return
        self._last_beat = time.monotonic()
        if storage.get_heartbeat_interval() is not None:
            for identifier in [*(point.trial._trial_id for point in points), *(t._trial_id for t in self._left)]:
                storage.record_heartbeat(identifier)

    def results(self) -> list[Trial]:
        """Return the trials as far as they have come, the last one of each point, in the order they were begun."""
        return results(self._study, self._sweep)

    def _finish(self, trial: optuna.Trial, state: str, reason: str, values: list[float] | None = None) -> None:
        from optuna.trial import TrialState

        trial.set_user_attr("reason", reason)
        worth = values if state == "done" else None
        self._study.tell(trial, worth, state=TrialState[NAMES[state]], skip_if_finished=True)

    def _trials(self) -> list[FrozenTrial]:
        return [t for t in self._study.get_trials(deepcopy=False) if not _is_lost(t)]

    def _left_behind(self) -> list[FrozenTrial]:
        """Return the running trials of this folder, in which no other process works."""
        import optuna

        if self._place.shared:
            optuna.storages.fail_stale_trials(self._study)
            self._fail_ownerless()
        return [t for t in self._trials() if STATES[t.state.name] == "running" and self._place.has(t.user_attrs)]

    def _fail_ownerless(self) -> None:
        """Give up trials whose process ended, long ago, between asking for them and signing them."""
        from optuna.trial import TrialState

        before = datetime.now() - timedelta(seconds=studies.GRACE)
        for trial in self._trials():
            is_old = trial.datetime_start is not None and trial.datetime_start <= before
            if STATES[trial.state.name] == "running" and "owner" not in trial.user_attrs and is_old:
                self._study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)

    def _next_trial(self) -> optuna.Trial | None:
        """Return a trial left behind, one to try again, or a new one; None where there is none."""
        if self._left:
            left = self._left.pop(0)
            return self._trial(left._trial_id, left.number)
        if self._again:
            return self._begun(self._again.pop(0), retried=True)
        if self._is_spent():
            return None
        if self._sweep.method in PLANNED:
            return self._next_planned()
        self._study.sampler = sampler(self._sweep, len(self._study.get_trials(deepcopy=False)))
        return self._study.ask()

    def _trial(self, identifier: int, number: int) -> optuna.Trial:
        import optuna

        self._study.sampler = sampler(self._sweep, number)  # which may have values to choose still
        return optuna.Trial(self._study, identifier)

    def _is_spent(self) -> bool:
        limit = self._sweep.budget.trials
        return limit is not None and len([t for t in self._trials() if "retried" not in t.user_attrs]) >= limit

    def _next_planned(self) -> optuna.Trial | None:
        begun = {_key(t.params) for t in self._trials()}
        values = next((v for v in self._plan if _key(v) not in begun), None)
        return None if values is None else self._begun(values)

    def _begun(self, values: Values, **attributes: Any) -> optuna.Trial:
        """Return a new trial at known values, in the study with its owner from its first moment."""
        from optuna.trial import TrialState, create_trial

        mark = uuid4().hex
        told = {"owner": self._place.owner, "mark": mark, **attributes}
        self._study.add_trial(
            create_trial(state=TrialState.RUNNING, params=dict(values), distributions=self._space, user_attrs=told)
        )
        (made,) = (t for t in self._trials() if t.user_attrs.get("mark") == mark)
        return self._trial(made._trial_id, made.number)

    def _point(self, trial: optuna.Trial) -> Point | None:
        """Return what to run, None where that makes no configuration or another trial is the same one."""
        trial.set_user_attr("owner", self._place.owner)
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


def results(study: optuna.Study, sweep: Sweep, idle: Place | None = None) -> list[Trial]:
    """Return the trials of a study as far as they have come, in the order they were begun.

    Those that run in an `idle` place by the study are stopped: nobody works there. Left out are trials that repeat
    another, and those that were lost or tried again for what took their place.
    """
    last: dict[str, Trial] = {}
    for frozen in study.get_trials(deepcopy=False):
        known = set(frozen.params) == {axis.path for axis in sweep.space}
        if known and not _is_lost(frozen) and "same_as" not in frozen.user_attrs:
            stopped = frozen.state.name == "RUNNING" and idle is not None and idle.has(frozen.user_attrs)
            trial = _trial(frozen, sweep, "stopped" if stopped else STATES[frozen.state.name])
            last.pop(_key(trial.values), None)
            last[_key(trial.values)] = trial
    return sorted(last.values(), key=lambda trial: trial.number)


def _trial(frozen: FrozenTrial, sweep: Sweep, state: str) -> Trial:
    attributes = frozen.user_attrs
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


@contextmanager
def _unless_taken() -> Iterator[None]:
    """Go on where another machine took a trial for lost while this one slept: what became of it there stands."""
    from optuna.exceptions import UpdateFinishedTrialError

    with suppress(UpdateFinishedTrialError):
        yield


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

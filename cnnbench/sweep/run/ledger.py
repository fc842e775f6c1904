"""Which trial of a sweep is next, and what becomes of each, written into its study.

A trial that an earlier process left running in this sweep's folder is gone on with. In a study that machines share,
those of other folders are theirs; one whose machine went silent is lost, and its point is missing again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.experiment.shrink import shrink
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.space import config_at, size_of
from cnnbench.sweep.define.sweep import Sweep, Values
from cnnbench.sweep.run import study as studies
from cnnbench.sweep.run.ahead import Ahead, Crowd
from cnnbench.sweep.run.factors import End, factors
from cnnbench.sweep.run.known import Known
from cnnbench.sweep.run.measure import is_done
from cnnbench.sweep.run.place import Place
from cnnbench.sweep.run.proposals import Attributes, planned, proposed
from cnnbench.sweep.run.study import distributions
from cnnbench.sweep.run.trials import OVER, STATES, SeedRun, is_same, key_of, label_in

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

NAMES = {ours: optunas for optunas, ours in STATES.items()}
ALL_DONE = "all trials done"
FRUITLESS = 1000  # proposals in a row that make no trial to run, until a search ends


@dataclass(frozen=True)
class Point:
    """A trial to run: its number in the study and identifier in the storage, values by label, what they make."""

    number: int
    identifier: int
    values: Values
    config: Config
    identity: str
    study: optuna.Study

    @cached_property
    def trial(self) -> optuna.Trial:
        """What Optuna judges by."""
        import optuna

        return optuna.Trial(self.study, self.identifier)


class Ledger:
    """Hands out the points of a sweep and writes down what became of them.

    Only one process at a time works in a place. `smoke` shrinks every configuration, `retry` hands out failed points
    again. `over` says why no trial comes any more, None while one may; `waits`, that the next one depends on trials
    that have not ended yet.
    """

    def __init__(self, study: optuna.Study, sweep: Sweep, place: Place, *, smoke: bool, retry: bool) -> None:
        self._study, self._sweep, self._place, self._smoke = study, sweep, place, smoke
        self._storage = study._storage  # which writes without reading the whole trial first, as Optuna's trials do
        self._space = distributions(sweep)
        self._known = Known(study, self._space.keys())
        self._left = self._left_behind()
        self._again = [t.params for t in self._last_of_each() if self._is_wanted_again(t, retry)]
        self._plan = Ahead(() if sweep.search.learns else planned(sweep))
        self._size = size_of(sweep.space) if sweep.search.draws else None
        self._same: set[str] = set()  # keys of points whose configuration is that of another point
        self._repeats = self._fruitless = 0  # proposals in a row that repeated a trial; that made none to run
        self._last_beat = -math.inf
        self.over: str | None = None
        self.waits = False

    @property
    def waits_for_others(self) -> bool:
        """Whether it waits for trials that may run on another machine."""
        return self.waits and self._place.shared

    def next(self) -> Point | None:
        """Return the next trial to run; None where this proposal made none, so that `over` tells whether to go on.

        It makes one proposal at a time: who asks looks at the clock, at signals and at what has ended in between.
        """
        with _unless_taken():
            point = self._next()
            if point is not None:
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
            self._storage.set_trial_user_attr(point.identifier, "runs", [asdict(run) for run in runs.values()])

    def finish(self, point: Point, state: str, reason: str, values: list[float] | None = None) -> None:
        """Write down how a trial ended."""
        with _unless_taken():
            self._finish(point.number, point.identifier, state, reason, values)

    def beat(self, points: Iterator[Point]) -> None:
        """Give a sign of life of trials that run or are to be gone on with, where others work on the study too."""
        from optuna.storages._heartbeat import BaseHeartbeat

        storage = self._storage  # Optuna gives signs of life in `optimize` alone, and has no other way to it
        if time.monotonic() - self._last_beat < studies.HEARTBEAT or not isinstance(storage, BaseHeartbeat):
            return
        self._last_beat = time.monotonic()
        if storage.get_heartbeat_interval() is not None:
            for identifier in [*(point.identifier for point in points), *(t._trial_id for t in self._left)]:
                storage.record_heartbeat(identifier)

    def _finish(self, number: int, identifier: int, state: str, reason: str, values: list[float] | None = None) -> None:
        from optuna.trial import TrialState

        self._storage.set_trial_user_attr(identifier, "reason", reason)
        worth = values if state == "done" else None
        self._study.tell(number, worth, state=TrialState[NAMES[state]], skip_if_finished=True)

    def _last_of_each(self) -> list[FrozenTrial]:
        return list({key_of(t.params): t for t in self._known if not is_same(t)}.values())

    def _is_wanted_again(self, trial: FrozenTrial, retry: bool) -> bool:
        """Return whether a trial is to be begun again: where asked for, and where somebody has finished its runs."""
        state, attributes = STATES[trial.state.name], trial.user_attrs
        if state not in ("failed", "pruned"):
            return False
        ended = [run["seed"] for run in attributes.get("runs", ()) if run["state"] in ("failed", "pruned")]
        folders = [self._place.folder.run(attributes.get("point", ""), seed) for seed in ended]
        return (retry and state == "failed") or (bool(folders) and all(map(is_done, folders)))

    def _left_behind(self) -> list[FrozenTrial]:
        """Return the running trials of this folder, in which no other process works."""
        if self._place.shared:
            self._lose_stale()
        self._known.look()
        return [trial for trial in self._known.running if self._place.has(trial.user_attrs)]

    def _lose_stale(self) -> None:
        """Take trials for lost whose machines went silent."""
        import optuna

        optuna.storages.fail_stale_trials(self._study)

    def _next(self) -> Point | None:
        """Return a trial left behind, one to try again, or a new one."""
        self.waits = False
        self._known.look()
        if self._left:
            return self._point(self._left.pop(0))
        if self._again:
            return self._begin(self._again.pop(0), {}, retried=True)
        tried = self._known.tried
        if (left := self._left_of_budget()) <= 0:
            self.over = ALL_DONE
        elif (size := self._size) is not None and len(tried) >= size:
            self.over = f"all {size} points of the space tried"
        elif self._fruitless >= FRUITLESS:
            self.over = f"{FRUITLESS} proposals in a row made no new trial"
        else:
            values, attributes = self._proposal(tried, self._crowd(), left)
            if values is None:
                self.over = None if self.waits else ALL_DONE
            elif self._is_new(values, tried):
                return self._begin(values, attributes)
        return None

    def _left_of_budget(self) -> float:
        limit = self._sweep.budget.trials
        return math.inf if limit is None else limit - self._known.counted

    def _crowd(self) -> Crowd:
        """Return how many trials others run now, and where this folder stands among them."""
        if not self._place.shared:
            return Crowd()
        others = sum(not self._place.has(trial.user_attrs) for trial in self._known.running)
        return Crowd(others, self._place.mark)

    def _proposal(self, tried: Mapping[str, Values], crowd: Crowd, left: float) -> tuple[Values | None, Attributes]:
        if self._sweep.search.learns:
            return proposed(self._study, self._sweep, self._repeats, tried.values(), crowd)
        points = self._in_turn(tried) if self._sweep.search.in_turn else self._plan
        return points.pick(tried, crowd, left), {}

    def _in_turn(self, tried: Mapping[str, Values]) -> Ahead:
        """Return the points of the keys whose turn has come."""
        known = factors(self._sweep, self._ends())
        points = [point for factor in known for point in factor.points]
        self.waits = len(known) < len(self._sweep.space) and all(key_of(point) in tried for point in points)
        if self.waits and self._place.shared:
            self._lose_stale()  # whose points are missing again
        return Ahead(points)

    def _ends(self) -> Callable[[Values], End | None]:
        """Return what tells of a point how its last trial ended; what is another one in other words has no worth."""
        ends: dict[str, End | None] = dict.fromkeys(self._same, End(None))
        for trial in self._known:
            state = STATES[trial.state.name]
            mean = trial.values[0] if state == "done" and trial.values else None
            ends[key_of(trial.params)] = End(mean) if state in OVER else None
        return lambda values: ends.get(key_of(values))

    def _is_new(self, values: Values, tried: Mapping[str, Values]) -> bool:
        """Count proposals that repeat a trial, or a trial's configuration in other words; neither becomes a trial."""
        key = key_of(values)
        if key not in tried:
            with suppress(ConfigError):  # that there is none is written down as the trial's end
                if self._known.of_point(identity(self._config(values))):
                    self._same.add(self._known.repeats(values))
        is_new = key not in tried and key not in self._same
        self._repeats = 0 if is_new else self._repeats + 1
        self._fruitless += not is_new
        return is_new

    def _config(self, values: Values) -> Config:
        """Return what a point's values by label make; raises ConfigError."""
        config = config_at(self._sweep, values)
        return shrink(config) if self._smoke else config

    def _begin(self, values: Values, attributes: Attributes, **told: Any) -> Point | None:
        """Write a new trial into the study, with its owner and its point from its first moment."""
        from optuna.trial import TrialState, create_trial

        with suppress(ConfigError):  # which is told of it as soon as it is there
            told["point"] = identity(self._config(values))
        made = create_trial(
            state=TrialState.RUNNING,
            params=dict(values),
            distributions=self._space,
            user_attrs={"owner": self._place.owner, **told},
            system_attrs=dict(attributes),
        )
        begun = self._storage.create_new_trial(self._study._study_id, made)
        self._known.look_ahead()  # which finds what others have begun meanwhile, too
        return self._point(self._known.begun(begun))

    def _point(self, frozen: FrozenTrial) -> Point | None:
        """Return what to run, None where that makes no configuration or another trial is the same one."""
        identifier, begun = frozen._trial_id, frozen.user_attrs.get("point")  # a version before named some otherwise
        values = {path: label_in(axis, frozen.params[path]) for path, axis in self._sweep.axes.items()}
        try:
            config = self._config(values)
        except ConfigError as e:
            self._fruitless += 1
            self._finish(frozen.number, identifier, "failed", "; ".join(e.problems))
            return None
        point = Point(frozen.number, identifier, values, config, begun or identity(config), self._study)
        if begun is None:
            self._storage.set_trial_user_attr(identifier, "point", point.identity)
        if self._is_repeated(point):
            return None
        self._fruitless = 0
        return point

    def _is_repeated(self, point: Point) -> bool:
        """Tell the study of a point that another machine began in the same moment what that one is worth."""
        for other in self._known.of_point(point.identity):
            if other.number == point.number:
                continue
            state = STATES[other.state.name]
            if state == "done" or (state == "running" and other.number < point.number):
                self._storage.set_trial_user_attr(point.identifier, "same_as", other.number)
                ended = "done" if state == "done" else "failed"
                self.finish(point, ended, f"the same as trial {other.number}", other.values)
                return True
        return False


@contextmanager
def _unless_taken() -> Iterator[None]:
    """Go on where another machine took a trial for lost while this one slept: what became of it there stands."""
    from optuna.exceptions import UpdateFinishedTrialError

    with suppress(UpdateFinishedTrialError):
        yield

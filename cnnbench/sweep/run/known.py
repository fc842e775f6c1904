"""What a ledger knows of a study's trials: each is read when it is new and once more when it has ended.

Optuna reads all that run at each look and hands out all trials there ever were, which with many machines and trials
becomes most of an ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from typing import TYPE_CHECKING, Any

from cnnbench.sweep.define.sweep import Values
from cnnbench.sweep.run.trials import OVER, STATES, is_lost, is_same, key_of

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

NO_TRIAL = -1  # number of the trial that a point has which is taken for tried without one


class Known:
    """The trials of a study that have all their values and were not lost; those of other programs may be without.

    `tried` has the values of every point by its key, `counted` is how many trials there are of `budget.trials`.
    """

    def __init__(self, study: Study, axes: Set[str]) -> None:
        self._study, self._axes = study, axes
        self._last = -1  # the highest identifier so far
        self._open: dict[int, FrozenTrial] = {}  # by identifier
        self._all: dict[int, FrozenTrial] = {}  # by number
        self._by_key: dict[str, set[int]] = {}
        self._by_point: dict[str, set[int]] = {}
        self.tried: dict[str, Values] = {}
        self.counted = 0

    def __iter__(self) -> Iterator[FrozenTrial]:
        """Go through the trials in the order in which they were begun."""
        return (self._all[number] for number in sorted(self._all))

    @property
    def running(self) -> list[FrozenTrial]:
        """Those that had not ended at the last look."""
        return [t for t in self._open.values() if t.number in self._all and STATES[t.state.name] == "running"]

    def begun(self, identifier: int) -> FrozenTrial:
        """Return a trial that had not ended at the last look."""
        return self._open[identifier]

    def of_point(self, identity: str) -> list[FrozenTrial]:
        """Return the trials whose configuration has this identity, in the order in which they were begun."""
        return [self._all[number] for number in sorted(self._by_point.get(identity, ()))]

    def repeats(self, values: Values) -> str:
        """Take a point for tried that is another one in other words, and return its key."""
        key = key_of(values)
        self.tried.setdefault(key, values)
        self._by_key.setdefault(key, set()).add(NO_TRIAL)
        return key

    def look(self) -> None:
        """Read the trials that are new and those that have ended."""
        waited = set(self._open)
        self.look_ahead()
        if waited:
            self._take(self._read(self._last, states=_over(), those=waited))

    def look_ahead(self) -> None:
        """Read the trials that are new; identifiers follow the order in which trials of a study are begun."""
        new = self._read(self._last)
        self._last = max((trial._trial_id for trial in new), default=self._last)
        self._take(new)

    def _read(self, after: int, states: Collection[Any] | None = None, those: Set[int] = frozenset()) -> list[Any]:
        storage: Any = self._study._storage  # of Optuna's own ways to a database none reads a part of the trials
        found: list[Any] = storage._backend._get_trials(self._study._study_id, states, set(those), after)
        return found

    def _take(self, trials: Sequence[FrozenTrial]) -> None:
        for trial in trials:
            if (before := self._all.pop(trial.number, None)) is not None:
                self._forget(before)
            if STATES[trial.state.name] in OVER:
                self._open.pop(trial._trial_id, None)
            else:
                self._open[trial._trial_id] = trial
            if trial.params.keys() == self._axes and not is_lost(trial):
                self._keep(trial)

    def _keep(self, trial: FrozenTrial) -> None:
        key = key_of(trial.params)
        self._all[trial.number] = trial
        self.tried[key] = trial.params
        self._by_key.setdefault(key, set()).add(trial.number)
        self._by_point.setdefault(trial.user_attrs.get("point", ""), set()).add(trial.number)
        self.counted += _counts(trial)

    def _forget(self, trial: FrozenTrial) -> None:
        key = key_of(trial.params)
        self._by_key[key].discard(trial.number)
        if not self._by_key[key]:
            del self._by_key[key], self.tried[key]
        self._by_point[trial.user_attrs.get("point", "")].discard(trial.number)
        self.counted -= _counts(trial)


def _counts(trial: FrozenTrial) -> bool:
    """Return whether a trial is one of budget.trials."""
    return "retried" not in trial.user_attrs and not is_same(trial)


def _over() -> list[Any]:
    from optuna.trial import TrialState

    return [state for state in TrialState if STATES[state.name] in OVER]

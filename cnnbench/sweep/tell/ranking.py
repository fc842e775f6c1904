"""Which trial is best: by the mean of one objective, by Pareto fronts where there are several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnbench.catalogue.measures import measure
from cnnbench.numbers import mean
from cnnbench.statistics.intervals import Mean, mean_interval
from cnnbench.sweep.run.trials import SweepResults, Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNRANKED = ("pruned", "running", "stopped", "waiting", "failed")  # in the order they are listed below the ranked ones


@dataclass(frozen=True)
class Ranked:
    """A trial with its place, None unless it is done, and metric -> mean over its seeds, empty unless it is done."""

    rank: int | None
    trial: Trial
    means: Mapping[str, Mean]

    @property
    def runs(self) -> int:
        """How many trainings are done."""
        return sum(run.state == "done" for run in self.trial.runs)

    @property
    def epochs(self) -> float | None:
        """Mean number of epochs of its trainings, None before there is one."""
        return mean([run.epochs for run in self.trial.runs]) if self.trial.runs else None

    @property
    def seconds(self) -> float | None:
        """Mean time of its trainings, None before there is one."""
        return mean([run.seconds for run in self.trial.runs]) if self.trial.runs else None

    def tested(self, key: str) -> Mean | None:
        """Return a measure's mean over the trainings that were tested, None where none was; nothing is ranked by it."""
        return _mean(measured(self.trial, "test", key), key)

    def validated(self, key: str) -> Mean | None:
        """Return the same of the validation images."""
        return _mean(measured(self.trial, "validation", key), key)


def ranked(results: SweepResults) -> list[Ranked]:
    """Return every trial: the done ones by rank, then pruned, running, waiting and failed ones as they were begun.

    One objective: rank is one more than the number of better means, so equal means share it. Several: rank is the
    Pareto front, 1 for trials that no other one beats, 2 for those that only trials of rank 1 beat, and so on;
    within a front the first objective decides the order.
    """
    done = [trial for trial in results.trials if trial.state == "done"]
    costs = _costs(results, done)
    ranks = _places(costs[:, 0]) if len(results.sweep.objectives) == 1 else pareto_ranks(costs)
    order = np.lexsort((costs[:, 0], ranks))  # stable: of equals the one begun first
    first = [Ranked(int(ranks[i]), done[i], _means(results, done[i])) for i in order]
    rest = sorted((t for t in results.trials if t.state != "done"), key=lambda trial: _listed_at(trial.state))
    return [*first, *(Ranked(None, trial, {}) for trial in rest)]


def best(results: SweepResults) -> Ranked | None:
    """Return the first of the ranked trials, None where none is done.

    With several objectives it is the one of the Pareto front that is best in the first objective.
    """
    first = next(iter(ranked(results)), None)
    return first if first is not None and first.rank is not None else None


def pareto_ranks(costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the Pareto front, counted from 1, of each row of (n, k) costs, all of them to be low.

    A row beats another one if it is nowhere higher and somewhere lower; equal rows do not beat each other.
    """
    one, other = costs[:, None, :], costs[None, :, :]
    beats = np.all(one <= other, axis=2) & np.any(one < other, axis=2)
    ranks = np.zeros(len(costs), dtype=np.int64)
    front = 0
    while (left := ranks == 0).any():
        front += 1
        ranks[left & ~beats[left].any(axis=0)] = front
    return ranks


def cost_sign(direction: str) -> int:
    """Return what makes a value of this direction a cost: -1 where much is good."""
    return -1 if direction == "maximize" else 1


def _costs(results: SweepResults, done: Sequence[Trial]) -> NDArray[np.float64]:
    """Return (trials, objectives) means, the lower the better."""
    objectives = results.sweep.objectives
    # the same values in another order have the same mean: a tie
    rows = [[cost_sign(o.direction) * mean(_values(trial, o.metric)) for o in objectives] for trial in done]
    return np.array(rows, dtype=np.float64).reshape(len(done), len(objectives))


def _places(costs: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(np.sort(costs), costs, side="left") + 1


def _means(results: SweepResults, trial: Trial) -> dict[str, Mean]:
    return {
        o.metric: mean_interval(_values(trial, o.metric), measure(o.metric).bounds) for o in results.sweep.objectives
    }


def values_of(trial: Trial, metric: str) -> dict[int, float]:
    """Return seed -> value of every training that is done."""
    return {run.seed: run.values[metric] for run in trial.runs if run.state == "done"}


def measured(trial: Trial, split: str, key: str) -> dict[int, float]:
    """Return seed -> measure of the images of a split, "validation" or "test", of every training that has it."""
    found = {run.seed: run.tested if split == "test" else run.validated for run in trial.runs}
    return {seed: values[key] for seed, values in found.items() if key in values}


def _mean(values: Mapping[int, float], key: str) -> Mean | None:
    return mean_interval(list(values.values()), measure(key).bounds) if values else None


def _values(trial: Trial, metric: str) -> list[float]:
    return list(values_of(trial, metric).values())


def _listed_at(state: str) -> int:
    return UNRANKED.index(state) if state in UNRANKED else len(UNRANKED)

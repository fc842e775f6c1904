"""One table per swept key, as studies print them: value, mean ± standard deviation, interval, epochs, time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

from cnnbench.catalogue.measures import FOUR, measure
from cnnbench.statistics.intervals import Mean, mean_interval
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.factors import Factor
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell import scales, turns
from cnnbench.sweep.tell.ranking import Ranked, measured, ranked, values_of
from cnnbench.sweep.tell.wording import shown_value

Kind = Literal["each", "mean", "best", "turn"]
SPLITS = ("validation", "test")

NOTES: dict[Kind, str] = {
    "each": "Mean and standard deviation over the seeds of the trial with this value.",
    "mean": "For each seed the mean over all values of the other keys; then mean and deviation over seeds.",
    "best": "The best trial with this value. Not every combination is done, so a mean over the other keys would not be "
    "fair; the more trials a value had, the better its best looks.",
    "turn": "Mean and standard deviation over the seeds of the trial with this value, the others held as told.",
}


@dataclass(frozen=True)
class AxisRow:
    """One value: how many trials with it are done, metric -> mean (empty for none), epochs and seconds a training.

    `measured` has the four measures of each split by its name, where they are known; `mark` what is said beside it.
    """

    value: str
    trials: int
    means: Mapping[str, Mean]
    epochs: float | None
    seconds: float | None
    measured: Mapping[str, Mapping[str, Mean]]
    mark: str = ""


@dataclass(frozen=True)
class AxisTable:
    """What each listed value of one key gave; `kind` says what the means are taken over, `note` the same in words."""

    path: str
    kind: Kind
    note: str
    rows: Sequence[AxisRow]


def axis_tables(results: SweepResults) -> list[AxisTable]:
    """Return a table for every key with listed values, of a search that takes one at a time for those it came to."""
    if results.sweep.search.in_turn:
        return [_in_turn(results, factor) for factor in turns.turns(results)]
    done = [one for one in ranked(results) if one.rank is not None]
    kind = _kind(results, done)
    return [_table(results, axis, done, kind) for axis in results.sweep.space if axis.listed]


def marginal(trials: Sequence[Ranked], metric: str) -> Mean:
    """Return the mean over these done trials with an interval over seeds.

    The trials are averaged seed by seed first, so that the interval is about what seeds change, not about what the
    trials differ in.
    """
    found = _over_seeds(trials, metric, lambda trial: values_of(trial, metric))
    assert found is not None  # of every trial that is done an objective is known
    return found


def common_seeds(trials: Sequence[Ranked]) -> list[int]:
    """Return the seeds that every one of these trials was trained with."""
    seeds = [{run.seed for run in one.trial.runs if run.state == "done"} for one in trials]
    return sorted(set.intersection(*seeds)) if seeds else []


def _over_seeds(trials: Sequence[Ranked], key: str, of: Callable[[Trial], Mapping[int, float]]) -> Mean | None:
    """Return the mean over seeds of the mean over trials, None where no seed has a value of all of them."""
    by_seed = [of(one.trial) for one in trials]
    seeds = sorted(set.intersection(*map(set, by_seed)))
    means = [fmean(values[seed] for values in by_seed) for seed in seeds]
    return mean_interval(means, measure(key).bounds) if means else None


def _kind(results: SweepResults, done: Sequence[Ranked]) -> Kind:
    if len(results.sweep.space) == 1:
        return "each"
    return "mean" if scales.is_full_grid(results) and common_seeds(done) else "best"


def _in_turn(results: SweepResults, factor: Factor) -> AxisTable:
    metrics = [objective.metric for objective in results.sweep.objectives]
    said = turns.marks(factor, carry=results.sweep.carry)
    found = zip(factor.axis.listed, turns.standing(results, factor), said, strict=True)
    rows = [replace(_row(value, [one] if one else [], metrics, "turn"), mark=mark) for value, one, mark in found]
    return AxisTable(factor.axis.path, "turn", NOTES["turn"], rows)


def _table(results: SweepResults, axis: Axis, done: Sequence[Ranked], kind: Kind) -> AxisTable:
    metrics = [objective.metric for objective in results.sweep.objectives]
    rows = []
    for number, value in enumerate(axis.listed):
        found = [one for one in done if scales.index(axis, one.trial.values[axis.path]) == number]
        rows.append(_row(value, found, metrics, kind))
    return AxisTable(axis.path, kind, NOTES[kind], rows)


def _row(value: Any, found: Sequence[Ranked], metrics: Sequence[str], kind: Kind) -> AxisRow:
    if not found:
        return AxisRow(shown_value(value), 0, {}, None, None, {})
    chosen = found if kind == "mean" else found[:1]  # the first is the best ranked
    means = {metric: marginal(chosen, metric) for metric in metrics}
    runs = [run for one in chosen for run in one.trial.runs]
    epochs, seconds = fmean(run.epochs for run in runs), fmean(run.seconds for run in runs)
    return AxisRow(shown_value(value), len(found), means, epochs, seconds, _four(chosen))


def _four(chosen: Sequence[Ranked]) -> dict[str, dict[str, Mean]]:
    """Return the four measures of the splits of which all are known; of older trainings it is the accuracy alone."""

    def of(split: str, key: str) -> Mean | None:
        return _over_seeds(chosen, key, lambda trial: measured(trial, split, key))

    found = {split: {key: mean for key in FOUR if (mean := of(split, key)) is not None} for split in SPLITS}
    return {split: means for split, means in found.items() if len(means) == len(FOUR)}

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.run.trials import SeedRun, SweepResults, Trial
from cnnbench.sweep.tell.ranking import best, pareto_ranks, ranked
from tests.builders import sweeps as made
from tests.builders.sweeps import EPOCHS, MADE

ACCURACY, LOSS = Objective(metric="val_accuracy"), Objective(metric="val_loss")


def of_values(*objectives: Objective, values: list[list[tuple[float, ...]]]) -> SweepResults:
    """Results with a done trial for each entry, which holds a tuple of objectives for each seed."""
    swept = made.sweep(made.choices(EPOCHS, 1), objectives=objectives)
    names = [objective.metric for objective in objectives]
    trials = []
    for number, seeds in enumerate(values):
        runs = [SeedRun(i, "done", "", dict(zip(names, v, strict=True)), 5, 1.0) for i, v in enumerate(seeds)]
        trials.append(Trial(number, f"p{number}", {EPOCHS: 1}, "done", "", tuple(runs), None, 0.0, 1.0))
    return made.results(swept, trials)


def places(results: SweepResults) -> list[tuple[int | None, int]]:
    return [(one.rank, one.trial.number) for one in ranked(results)]


def test_the_highest_mean_is_first_where_much_is_good_and_the_lowest_where_little_is():
    values = [[(0.5,), (0.7,)], [(0.9,), (0.1,)], [(0.8,), (0.81,)]]
    assert places(of_values(ACCURACY, values=values)) == [(1, 2), (2, 0), (3, 1)]
    assert places(of_values(LOSS, values=values)) == [(1, 1), (2, 0), (3, 2)]


def test_equal_means_share_a_rank_whatever_the_order_of_their_seeds():
    values = [[(0.1,), (0.2,), (0.3,)], [(0.9,), (0.9,), (0.9,)], [(0.3,), (0.1,), (0.2,)], [(0.0,), (0.0,), (0.0,)]]
    assert places(of_values(ACCURACY, values=values)) == [(1, 1), (2, 0), (2, 2), (4, 3)]


def test_means_and_intervals_are_those_of_scipy():
    results = MADE["two_axes"]()
    for one in ranked(results):
        values = [run.values["val_accuracy"] for run in one.trial.runs]
        mean = one.means["val_accuracy"]
        expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
        assert mean.interval == pytest.approx(expected)
        assert (mean.mean, mean.std) == pytest.approx((np.mean(values), np.std(values, ddof=1)))
        assert one.trial.objectives == pytest.approx((mean.mean,))


def test_trials_that_are_not_done_follow_without_a_rank_in_a_fixed_order():
    found = ranked(MADE["broken_grid"]())
    assert [one.rank for one in found[:16]] == list(range(1, 17))
    assert [(one.rank, one.trial.state, dict(one.means)) for one in found[16:]] == [
        (None, "pruned", {}),
        (None, "running", {}),
        (None, "failed", {}),
    ]


def by_hand(costs: np.ndarray) -> list[int]:
    """Fronts by comparing every pair of what is left, again and again."""
    ranks, front = [0] * len(costs), 0
    while 0 in ranks:
        front += 1
        left = [i for i, rank in enumerate(ranks) if not rank]
        for i in left:
            beaten = any(all(costs[j] <= costs[i]) and any(costs[j] < costs[i]) for j in left)
            ranks[i] = 0 if beaten else front
    return ranks


@pytest.mark.parametrize(("rows", "objectives", "seed"), list(product([1, 2, 17, 40], [1, 2, 3], range(4))))
def test_pareto_fronts_are_those_of_brute_force(rows, objectives, seed):
    rng = np.random.default_rng([rows, objectives, seed])
    whole, real = rng.integers(0, 6, size=(rows, objectives)).astype(float), rng.normal(size=(rows, objectives))
    for costs in (whole, real):
        assert pareto_ranks(costs).tolist() == by_hand(costs)


def test_the_rank_of_several_objectives_is_the_front_in_the_direction_of_each():
    values = [[(0.9, 0.5)], [(0.8, 0.2)], [(0.7, 0.3)], [(0.95, 0.9)], [(0.6, 0.4)]]
    assert places(of_values(ACCURACY, LOSS, values=values)) == [(1, 3), (1, 0), (1, 1), (2, 2), (3, 4)]


def test_best_is_none_before_a_trial_is_done():
    assert best(MADE["none_done"]()) is None
    assert best(MADE["nothing"]()) is None
    first = best(MADE["one_axis"]())
    assert first is not None and first.trial.values == {EPOCHS: 20}


def test_costs_are_means_over_trainings_and_the_test_accuracy_over_tested_ones():
    results = of_values(ACCURACY, values=[[(0.5,), (0.7,)]])
    one = results.trials[0]
    runs = (
        replace(one.runs[0], epochs=4, seconds=2.0, tested={"accuracy": 0.6}),
        replace(one.runs[1], epochs=5, seconds=5.0),
    )
    (found,) = ranked(replace(results, trials=(replace(one, runs=runs),)))
    assert (found.runs, found.epochs, found.seconds) == (2, 4.5, 3.5)
    tested = found.tested("accuracy")
    assert tested is not None and (tested.mean, tested.interval) == (0.6, None)

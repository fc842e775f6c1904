from __future__ import annotations

from dataclasses import replace

import pytest

from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Range
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.conclusions import conclusions
from tests.builders import sweeps as made
from tests.builders.sweeps import EPOCHS, MADE, RATE, choices


def of(*trials: list[float], **changes) -> SweepResults:
    """A grid of epochs whose seeds have these accuracies."""
    results = made.grid(choices(EPOCHS, *range(5, 5 + len(trials))), repeats=len(trials[0]))
    changed = []
    for trial, values in zip(results.trials, trials, strict=True):
        runs = [replace(run, values={"val_accuracy": v}) for run, v in zip(trial.runs, values, strict=True)]
        changed.append(replace(trial, runs=tuple(runs)))
    return replace(results, trials=tuple(changed), **changes)


def told(results: SweepResults) -> str:
    return "\n".join(conclusions(results))


def test_intervals_that_overlap_are_not_called_a_difference():
    text = told(of([0.90, 0.92, 0.91], [0.91, 0.93, 0.92], [0.50, 0.51, 0.52]))
    assert "trial 1 (89.52 to 94.48 %, mean over 3 seeds), and of the second, trial 0 (88.52 to 93.48 %)" in text
    assert "overlap: these seeds do not tell the two apart. In all 1 finished trial overlaps with the best." in text


def test_intervals_that_do_not_overlap_are():
    text = told(of([0.90, 0.901, 0.902], [0.50, 0.51, 0.52], [0.3, 0.301, 0.302]))
    assert "do not overlap: seeds alone hardly explain the difference." in text


def test_a_wide_interval_further_down_is_told_too():
    text = told(of([0.90, 0.901, 0.902], [0.80, 0.801, 0.802], [0.3, 0.9, 0.95]))
    assert "do not overlap: seeds alone hardly explain the difference; 1 other trial overlaps with the best" in text


def test_seeds_that_agree_are_told_by_their_value():
    text = told(of([0.9, 0.9], [0.8, 0.8]))
    assert "trial 0 (90.00 % with every seed, mean over 2 seeds)" in text
    assert "seeds that agree prove nothing" in text and "overlap" not in text
    text = told(of([0.9, 0.9], [0.88, 0.91]))
    assert "(90.00 % with every seed, mean over 2 seeds)" in text and "do not tell the two apart" in text


def test_one_seed_has_no_interval_and_says_so():
    text = told(MADE["one_seed"]())
    assert "no interval" in text and "repeats: 3" in text
    assert "overlap" not in text


def test_the_best_of_many_is_called_optimistic_and_the_best_of_one_is_not():
    assert "it is the highest of 20 finished trials" in told(MADE["two_axes"]())
    assert "optimistic" not in told(of([0.9, 0.8]))
    loss = Objective(metric="val_loss")
    swept = made.sweep(choices(RATE, 1e-3, 1e-2), objectives=(loss,))
    trials = [
        made.trial(swept, n, {RATE: r}, formula=lambda v: {"val_loss": v[RATE]}) for n, r in enumerate((1e-3, 1e-2))
    ]
    assert "it is the lowest of 2 finished trials" in told(made.results(swept, trials))


def test_a_cost_is_not_luck():
    results = made.grid(choices(EPOCHS, 1, 5, 9), objectives=(made.PARAMETERS,))
    assert "optimistic" not in told(results)


def test_the_test_accuracy_is_told_as_what_nothing_was_ranked_by():
    results = of([0.9, 0.91], [0.5, 0.6])
    first = results.trials[0]
    tested = [
        replace(run, tested={"accuracy": accuracy}) for run, accuracy in zip(first.runs, (0.8, 0.82), strict=True)
    ]
    text = told(replace(results, trials=(replace(first, runs=tuple(tested)), results.trials[1])))
    assert "On the test images trial 0 reaches an accuracy of 81.00 ± 1.41 % (mean over 2 seeds)" in text
    assert "not ranked by" in text
    untested = MADE["one_axis"]()
    runs = [[replace(run, tested={}) for run in trial.runs] for trial in untested.trials]
    trials = [replace(trial, runs=tuple(each)) for trial, each in zip(untested.trials, runs, strict=True)]
    assert "test images trial" not in told(replace(untested, trials=tuple(trials)))


@pytest.mark.parametrize(
    ("axis", "value", "at_the_end"),
    [
        (Range(path=RATE, low=1e-4, high=1e-1, log=True), 0.095, True),
        (Range(path=RATE, low=1e-4, high=1e-1, log=True), 1.1e-4, True),
        (Range(path=RATE, low=1e-4, high=1e-1, log=True), 0.05, False),
        (choices(RATE, 1e-3, 1e-2, 1e-1), 0.1, True),
        (choices(RATE, 1e-3, 1e-2, 1e-1), 0.01, False),
        (choices(RATE, 1e-3, 1e-1), 0.1, False),  # two values have nothing but ends
        (choices(RATE, "low", "middle", "high"), "high", False),  # names have no order
    ],
)
def test_a_best_value_at_the_end_of_what_was_tried_is_pointed_out(axis, value, at_the_end):
    swept = made.sweep(axis, method="random")
    only = made.trial(swept, 0, {RATE: value}, formula=lambda _: {"val_accuracy": 0.9})
    assert (f"The best {RATE}, {value}, lies at the end" in told(made.results(swept, [only]))) is at_the_end


def test_what_is_missing_is_told():
    text = told(MADE["broken_grid"]())
    assert "1 trial was stopped early and is not ranked" in text
    assert "1 trial failed and is not ranked" in text
    assert "The sweep is not finished" in text
    text = told(MADE["sampled"]())
    assert "18 trials were stopped early and are not ranked" in text and "6 trials failed and are not ranked" in text
    assert "not finished" not in text


def test_without_a_finished_trial_there_is_nothing_to_conclude():
    assert conclusions(MADE["nothing"]()) == ["No trial is finished, so there is nothing to conclude."]
    assert "nothing to conclude" in told(MADE["none_done"]())


def test_equal_values_are_told_as_a_tie():
    text = told(of([0.9, 0.91], [0.91, 0.9], [0.5, 0.6]))
    assert "2 trials share the best value; the one begun first is listed first." in text


def test_a_front_is_a_choice_and_not_a_result():
    text = told(MADE["two_objectives"]())
    assert "9 of 40 finished trials are on the Pareto front of val_accuracy and parameters" in text
    assert "a choice, not a result" in text
    assert "overlap: " not in text

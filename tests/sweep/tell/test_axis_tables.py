from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cnnbench.sweep.tell.axis_tables import axis_tables
from cnnbench.sweep.tell.tables import of_axis
from tests.builders import sweeps as made
from tests.builders.sweeps import ACTIVATION, EPOCHS, MADE, RATE


def values_of(results, **wanted) -> np.ndarray:
    """(trials, seeds) accuracies of the trials with these values."""
    found = [t for t in results.trials if all(t.values[path] == value for path, value in wanted.items())]
    return np.array([[run.values["val_accuracy"] for run in trial.runs] for trial in found])


def test_a_single_key_has_the_mean_of_each_trial():
    results = MADE["one_axis"]()
    (table,) = axis_tables(results)
    assert (table.path, table.kind) == (EPOCHS, "each")
    assert [row.value for row in table.rows] == ["1", "3", "5", "7", "10", "15", "20"]
    for row, trial in zip(table.rows, results.trials, strict=True):
        values = [run.values["val_accuracy"] for run in trial.runs]
        mean = row.means["val_accuracy"]
        interval = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
        assert (mean.mean, mean.std) == pytest.approx((np.mean(values), np.std(values, ddof=1)))
        assert mean.interval == pytest.approx(interval)
        assert (row.epochs, row.seconds) == (trial.values[EPOCHS], 1.5 * trial.values[EPOCHS])


@pytest.mark.parametrize("name", ["two_axes", "three_axes"])
def test_a_full_grid_is_averaged_seed_by_seed(name):
    results = MADE[name]()
    for table in axis_tables(results):
        assert table.kind == "mean"
        axis = next(axis for axis in results.sweep.space if axis.path == table.path)
        for row, choice in zip(table.rows, axis.choices, strict=True):
            by_seed = values_of(results, **{table.path: choice.label}).mean(axis=0)
            mean = row.means["val_accuracy"]
            interval = stats.t.interval(0.95, 2, loc=by_seed.mean(), scale=stats.sem(by_seed))
            assert (mean.mean, mean.std, mean.runs) == pytest.approx((by_seed.mean(), by_seed.std(ddof=1), 3))
            assert mean.interval == pytest.approx(interval)


def test_where_combinations_are_missing_the_best_is_told_and_no_mean():
    results = MADE["broken_grid"]()
    epochs, rate = axis_tables(results)
    assert (epochs.kind, rate.kind) == ("best", "best")
    assert [row.trials for row in rate.rows] == [3, 4, 4, 3, 2]
    best = values_of(results, **{EPOCHS: 20, RATE: 1e-3})
    assert epochs.rows[-1].means["val_accuracy"].mean == pytest.approx(best.mean())
    assert "would not be fair" in epochs.note


def test_a_value_without_a_finished_trial_has_dashes():
    results = made.grid(made.choices(EPOCHS, 1, 5, 10), states={1: "failed", 2: ""})
    (table,) = axis_tables(results)
    rows = of_axis(table, ["val_accuracy"]).texts()
    assert rows[2:] == [["5", "–", "–", "–", "–"], ["10", "–", "–", "–", "–"]]


def test_seeds_that_are_missing_somewhere_are_left_out_of_the_mean():
    results = MADE["two_axes"]()
    first = results.trials[0]
    shorter = (replace(first, runs=first.runs[:2]), *results.trials[1:])
    row = axis_tables(replace(results, trials=shorter))[0].rows[0]
    assert row.means["val_accuracy"].runs == 2
    expected = values_of(results, **{EPOCHS: 1})[:, :2].mean()
    assert row.means["val_accuracy"].mean == pytest.approx(expected)


def test_ranges_without_listed_values_have_no_table():
    assert [table.path for table in axis_tables(MADE["sampled"]())] == [ACTIVATION]


def test_it_is_a_table_a_thesis_can_print():
    results = made.grid(made.choices(EPOCHS, 10, 20), states={1: ""})
    runs = [
        replace(run, values={"val_accuracy": v})
        for run, v in zip(results.trials[0].runs, (0.7, 0.72, 0.74), strict=True)
    ]
    trials = (replace(results.trials[0], runs=tuple(runs)),)
    # t(2) = 4.3027 for 95 %: 0.72 ± 4.3027 * 0.02 / sqrt(3)
    (table,) = axis_tables(replace(results, trials=trials))
    assert table.note == "Mean and standard deviation over the seeds of the trial with this value."
    assert of_axis(table, ["val_accuracy"]).texts() == [
        ["value", "val_accuracy (mean ± std)", "95 % interval", "epochs run", "time"],
        ["10", "72.00 ± 2.00 %", "67.03 to 76.97 %", "10", "15.0 s"],
        ["20", "–", "–", "–", "–"],
    ]

"""What is said of techniques whose worth is known, because it was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cnnbench.sweep.tell.gains import gains
from cnnbench.sweep.tell.tables import gave
from tests.builders import sweeps as made

METRIC = "val_accuracy"


def test_a_planted_gain_of_three_points_is_told_from_a_technique_that_does_nothing():
    results = made.ablated({"augmentation": 0.03, "schedule": 0.0, "dropout": -0.03})
    found = {gain.technique: gain for gain in gains(results, METRIC)}
    assert {name: gain.verdict for name, gain in found.items()} == {
        "augmentation": "helps",
        "schedule": "cannot tell",
        "dropout": "harms",
    }
    assert found["augmentation"].interval[0] < 0.03 < found["augmentation"].interval[1]
    assert found["schedule"].interval[0] < 0 < found["schedule"].interval[1]
    base, augmentation, *_ = ([run.values[METRIC] for run in trial.runs] for trial in results.trials)
    test = stats.ttest_rel(base, augmentation)
    gain = found["augmentation"]
    assert (gain.p, gain.pairs, gain.tests) == (pytest.approx(test.pvalue), 8, 3)
    assert gain.difference == pytest.approx(np.mean(base) - np.mean(augmentation))
    assert gain.adjusted == pytest.approx(sorted(3 * one.p for one in found.values())[0]) or gain.adjusted > gain.p


def test_nothing_is_found_where_there_is_nothing_more_often_than_agreed():
    """Of many ablations of five techniques that do nothing, about one in twenty may say that any of them does."""
    wrong = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        results = made.ablated(dict.fromkeys("abcde", 0.0), seeds=5)
        trials = []
        for trial in results.trials:
            values = 0.9 + rng.normal(0, 0.01, 5)
            runs = [replace(run, values={METRIC: float(v)}) for run, v in zip(trial.runs, values, strict=True)]
            trials.append(replace(trial, runs=tuple(runs)))
        found = gains(replace(results, trials=tuple(trials)), METRIC)
        wrong += any(gain.verdict in ("helps", "harms") for gain in found)
    assert wrong <= 20  # twice as many as expected


def test_what_cannot_be_tested_is_said_to_be_so():
    (single,) = gains(made.ablated({"dropout": 0.03}, seeds=1), METRIC)
    assert (single.verdict, single.pairs, single.interval, single.p) == ("not tested", 1, None, None)
    results = made.ablated({"dropout": 0.03})
    base, off = results.trials
    runs = [replace(run, seed=run.seed + 6) for run in off.runs]  # six of eight seeds have no partner
    (gain,) = gains(replace(results, trials=(base, replace(off, runs=tuple(runs)))), METRIC)
    assert gain.pairs == 2
    waiting = replace(results, trials=(replace(base, state="running", objectives=None), off))
    assert gains(waiting, METRIC) == []


def test_the_table_has_differences_in_points_with_intervals():
    table = gave(gains(made.ablated({"augmentation": 0.03}), METRIC), METRIC)
    header, (row,) = table.texts()[0], table.texts()[1:]
    assert header[:4] == ["technique", "val_accuracy without", "gave in points", "95 % interval"]
    assert row[0] == "augmentation" and row[2].startswith("+") and " to " in row[3] and row[4] == "helps"
    (told,) = table.json()
    assert told["technique"] == "augmentation" and told["difference"] == pytest.approx(float(row[2]) / 100, abs=5e-5)

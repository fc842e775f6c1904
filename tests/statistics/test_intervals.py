"""Means over runs with t intervals, against SciPy's own interval of a mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cnnbench.statistics.intervals import Mean, mean_interval


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_the_interval_is_students(n: int) -> None:
    values = np.random.default_rng(n).normal(0.8, 0.02, n)
    found = mean_interval(values.tolist())
    assert found.mean == pytest.approx(values.mean()) and found.std == pytest.approx(values.std(ddof=1))
    expected = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    assert found.interval == pytest.approx(expected) and found.runs == n


def test_two_values_by_hand() -> None:
    found = mean_interval([1.0, 3.0])
    assert found.std == pytest.approx(2**0.5)
    assert found.interval == pytest.approx((2 - 12.7062047, 2 + 12.7062047))  # t of one degree of freedom


def test_one_run_has_no_interval() -> None:
    assert mean_interval([0.7]).as_dict() == {"mean": 0.7, "std": None, "interval": None, "runs": 1}


@pytest.mark.parametrize("value", [1.0, 0.1, 333 / 359, 1e6 / 3])
@pytest.mark.parametrize("runs", [2, 3, 10])
def test_runs_that_agree_have_no_interval(value: float, runs: int) -> None:
    assert mean_interval([value] * runs, (0, 1)) == Mean(value, 0.0, None, runs)


def test_runs_that_agree_but_for_rounding_agree() -> None:
    assert mean_interval([0.3, 0.1 + 0.2]).interval is None


def test_the_interval_of_a_share_ends_where_shares_do() -> None:
    assert mean_interval([0.2, 0.9], (0, 1)).interval == (0.0, 1.0)
    low, high = mean_interval([0.2, 0.9]).interval or (0.0, 0.0)
    assert mean_interval([0.2, 0.9], (0, None)).interval == (0.0, high) and low < 0 < 1 < high
    assert mean_interval([0.80, 0.81], (0, 1)).interval == mean_interval([0.80, 0.81]).interval


def test_the_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(0.0, 1.0, (2000, 4))
    covered = [low <= 0 <= high for low, high in (mean_interval(row.tolist()).interval or (1, 0) for row in draws)]
    assert 0.94 < np.mean(covered) < 0.96

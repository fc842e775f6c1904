"""Student's own data: additional hours of sleep of ten patients with either of two drugs (1908, Biometrika 6)."""

from __future__ import annotations

import warnings

import pytest

from cnnbench.statistics.runs import PAIRED, WELCH, MeanDifference, paired, welch

FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_paired_test_of_the_sleep_data():
    found = paired(FIRST, SECOND)
    assert (found.test, found.difference) == (PAIRED, pytest.approx(-1.58))
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert found.interval == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)


def test_welch_test_of_the_sleep_data():
    found = welch(FIRST, SECOND)
    assert (found.test, found.difference) == (WELCH, pytest.approx(-1.58))
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert found.interval == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_welch_takes_sets_of_different_size():
    found = welch([0.9, 0.92, 0.94], [0.8, 0.82])
    assert found.difference == pytest.approx(0.11)
    assert found.interval is not None and found.interval[0] < 0.11 < found.interval[1]


@pytest.mark.parametrize("test", [paired, welch])
def test_runs_that_all_agree_differ_by_nothing(test):
    found = test([0.9, 0.9, 0.9], [0.9, 0.9, 0.9])
    assert (found.difference, found.interval, found.p) == (0.0, None, 1.0)


def test_equal_pairs_of_different_runs_differ_by_nothing():
    assert paired([0.9, 0.8], [0.9, 0.8]) == MeanDifference(PAIRED, 0.0, None, 1.0)


@pytest.mark.parametrize(
    ("test", "a", "b"),
    [
        (paired, [0.3, 0.4, 0.5], [0.2, 0.3, 0.4]),  # 0.1 each, but for rounding
        (welch, [0.5, 0.5], [0.4, 0.4]),
    ],
)
def test_a_difference_without_spread_has_no_p_value(test, a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = test(a, b)
    assert found.difference == pytest.approx(0.1)
    assert (found.interval, found.p) == (None, None)


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_one_set_without_spread_is_tested():
    found = welch([0.5, 0.6, 0.7], [0.4, 0.4, 0.4])
    assert found.p == pytest.approx(0.07418, abs=1e-5)  # t = 0.2 / (0.1 / sqrt(3)) with two degrees of freedom

from __future__ import annotations

from math import comb, sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, norm

from cnnbench.statistics.images import Agreement, difference_interval, mcnemar

TABLES = [(36, 12, 2, 10), (1, 1, 7, 12), (9000, 300, 220, 480), (5, 3, 0, 2), (0, 4, 9, 7), (50, 1, 1, 0)]
Z = float(norm.ppf(0.975))


@pytest.mark.parametrize("counts", TABLES)
def test_mcnemar_is_the_sum_of_binomial_terms(counts):
    _, b, c, _ = counts
    tail = sum(comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    assert mcnemar(Agreement(*counts)) == pytest.approx(min(1, 2 * tail), rel=1e-9)
    assert mcnemar(Agreement(*counts)) == pytest.approx(binomtest(b, b + c, 0.5).pvalue, rel=1e-9)


def test_mcnemar_by_hand():
    assert mcnemar(Agreement(80, 9, 1, 10)) == pytest.approx(2 * (1 + 10) / 2**10)  # 0.0215
    assert mcnemar(Agreement(80, 5, 0, 15)) == pytest.approx(2 / 2**5)


@pytest.mark.parametrize("counts", [(100, 0, 0, 0), (0, 0, 0, 5), (90, 3, 3, 4)])
def test_equally_many_are_no_evidence(counts):
    assert mcnemar(Agreement(*counts)) == 1
    low, high = difference_interval(Agreement(*counts))
    assert low == pytest.approx(-high) and high > 0


def test_interval_of_a_published_example():
    """Airway reactivity before and after stem cell transplantation (Fagerland, Lydersen and Laake 2014)."""
    found = difference_interval(Agreement(1, 1, 7, 12))
    assert found == pytest.approx((-0.517, -0.026), abs=5e-4)


def log_likelihood(counts: tuple[int, ...], share: float, difference: float) -> float:
    """Of the shares that only the second and only the first have right, the rest taken together."""
    both, b, c, neither = counts
    shares = np.array([share + difference, share, 1 - 2 * share - difference])
    weights = np.array([b, c, both + neither])
    if (shares < 0).any() or ((shares <= 0) & (weights > 0)).any():
        return -np.inf
    return float(weights[weights > 0] @ np.log(shares[weights > 0]))


@pytest.mark.parametrize("counts", TABLES)
@pytest.mark.parametrize("end", [0, 1])
def test_interval_ends_where_the_score_test_rejects(counts, end):
    """The likelihood is maximised by search here, by formula there."""
    table = Agreement(*counts)
    difference = difference_interval(table)[end]
    low, high = max(0.0, -difference), (1 - difference) / 2
    found = minimize_scalar(
        lambda share: -log_likelihood(counts, share, difference), bounds=(low, high), options={"xatol": 1e-12}
    )
    n = table.images
    variance = n * (2 * found.x + difference - difference**2)
    score = (table.only_a - table.only_b - n * difference) / sqrt(variance)
    assert score == pytest.approx((Z, -Z)[end], abs=2e-3)


def test_interval_without_any_disagreement_has_a_closed_form():
    low, high = difference_interval(Agreement(90, 0, 0, 10))
    assert high == pytest.approx(Z**2 / (100 + Z**2))
    assert low == pytest.approx(-high)


def test_interval_stays_within_what_is_possible():
    low, high = difference_interval(Agreement(0, 10, 0, 0))
    assert high == 1 and 0 < low < 1
    assert difference_interval(Agreement(0, 0, 10, 0)) == pytest.approx((-1, -low))


def test_interval_turns_with_the_classifiers():
    low, high = difference_interval(Agreement(36, 12, 2, 10))
    assert difference_interval(Agreement(36, 2, 12, 10)) == pytest.approx((-high, -low))
    assert low < Agreement(36, 12, 2, 10).difference < high


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(200, [0.80, 0.08, 0.05, 0.07], size=400)
    intervals = [difference_interval(Agreement(*map(int, table))) for table in drawn]
    covered = np.mean([low <= 0.03 <= high for low, high in intervals])
    assert 0.91 < covered < 0.98

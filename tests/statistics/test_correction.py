from __future__ import annotations

import numpy as np
import pytest

from cnnbench.statistics.correction import holm


def test_holm_by_hand():
    """Ascending p-values are multiplied by 4, 3, 2 and 1, and none may fall below one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def rejected(p_values: list[float], level: float) -> set[int]:
    """Holm's procedure itself: from the smallest on, each at the level divided by how many are left."""
    found: set[int] = set()
    for left, i in zip(range(len(p_values), 0, -1), np.argsort(p_values), strict=True):
        if p_values[i] > level / left:
            break
        found.add(int(i))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_an_adjusted_value_is_the_least_level_that_rejects(seed):
    p_values = (np.random.default_rng(seed).random(12) ** 4).round(3).tolist()  # with ties
    for level in (0.001, 0.01, 0.05, 0.2, 0.5):
        assert {i for i, p in enumerate(holm(p_values)) if p <= level} == rejected(p_values, level)


def test_nothing_exceeds_one():
    assert holm([0.9, 0.6, 0.7]) == [1, 1, 1]


def test_one_test_needs_no_correction():
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


@pytest.mark.parametrize("seed", range(20))
def test_of_more_tests_that_are_not_known_it_is_an_upper_bound(seed):
    random = np.random.default_rng(seed)
    p_values = (random.random(30) ** 4).tolist()
    bounds, among_all = holm(p_values[:6], 30), holm(p_values)[:6]
    assert all(bound >= adjusted for bound, adjusted in zip(bounds, among_all, strict=True))
    assert bounds[np.argmin(p_values[:6])] == pytest.approx(min(1, 30 * min(p_values[:6])))

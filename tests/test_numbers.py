from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnbench.numbers import is_number, leaves, mean, numbers, shortest

METRICS: dict[str, Any] = {"accuracy": 0.5, "top_k": {3: 0.9}, "smoke": True, "a": {"b": {"c": 1}}, "per_class": [{}]}


def test_leaves_are_named_by_their_way_and_lists_stay_whole() -> None:
    expected = [("accuracy", 0.5), ("top_k.3", 0.9), ("smoke", True), ("a.b.c", 1), ("per_class", [{}])]
    assert list(leaves(METRICS)) == expected


def test_numbers_are_neither_flags_nor_lists() -> None:
    assert numbers(METRICS) == {"accuracy": 0.5, "top_k.3": 0.9, "a.b.c": 1}


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0.5, True), (True, False), ("1", False), (None, False)])
def test_a_bool_is_no_number(value: Any, expected: bool) -> None:
    assert is_number(value) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.86, 0.94], 0.9),
        ([1 / 3, 2 / 3], 0.5),
        ([0.1] * 3, 0.1),
        ([333 / 359] * 2, 333 / 359),
        ([0.1, 0.2, 0.3], 0.2),
    ],
)
def test_means_carry_no_noise(values: list[float], expected: float) -> None:
    assert mean(values) == expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_a_mean_is_the_exact_one_to_fifteen_digits_and_among_its_values(values: list[float]) -> None:
    found = mean(values)
    assert min(values) <= found <= max(values)
    assert found == pytest.approx(fsum(values) / len(values), rel=1e-14, abs=1e-300)
    assert mean(values[::-1]) == found


def test_single_precision_is_told_by_its_shortest_decimal() -> None:
    assert float(np.float32(0.285)) != 0.285 == shortest(float(np.float32(0.285)))
    assert shortest(1 / 3) == 1 / 3  # double precision stays as it is

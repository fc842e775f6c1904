from __future__ import annotations

from typing import Any

import pytest

from cnnbench.numbers import is_number, leaves, numbers

METRICS: dict[str, Any] = {"accuracy": 0.5, "top_k": {3: 0.9}, "smoke": True, "a": {"b": {"c": 1}}, "per_class": [{}]}


def test_leaves_are_named_by_their_way_and_lists_stay_whole() -> None:
    expected = [("accuracy", 0.5), ("top_k.3", 0.9), ("smoke", True), ("a.b.c", 1), ("per_class", [{}])]
    assert list(leaves(METRICS)) == expected


def test_numbers_are_neither_flags_nor_lists() -> None:
    assert numbers(METRICS) == {"accuracy": 0.5, "top_k.3": 0.9, "a.b.c": 1}


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0.5, True), (True, False), ("1", False), (None, False)])
def test_a_bool_is_no_number(value: Any, expected: bool) -> None:
    assert is_number(value) is expected

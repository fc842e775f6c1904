"""Contenders take turns, and what is not measured is not compared."""

from __future__ import annotations

from math import inf

import pytest

from cnnbench.profiling.clock import Spread, in_turns, values_in_turns


def spread(*values: float) -> Spread:
    return Spread(values)


def test_medians_and_quartiles() -> None:
    one = spread(4, 1, 2, 3, 5)
    assert (one.median, one.quartiles) == (3, (2, 4))
    assert one.as_dict() == {"median": 3, "lower_quartile": 2, "upper_quartile": 4, "turns": 5}
    assert one.minus(spread(1, 1, 1, 1, 1)).values == (3, 0, 1, 2, 4)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (spread(1, 2, 3, 4, 5), spread(5, 6, 7, 8, 9), True),
        (spread(1, 2, 3, 6, 7), spread(5, 6, 7, 8, 9), False),  # quartiles overlap
        (spread(1, 2, 3, 4), spread(5, 6, 7, 8, 9), False),  # too few turns
        (spread(5, 6, 7, 8, 9), spread(1, 2, 3, 4, 5), False),
    ],
)
def test_smaller_is_only_what_was_measured_to_be(one: Spread, other: Spread, expected: bool) -> None:
    assert one.is_below(other) is expected


def test_contenders_take_turns_and_the_first_of_each_does_not_count() -> None:
    said: list[str] = []

    def value(name: str) -> float:
        said.append(name)
        return float(len(said))

    found = values_in_turns({name: lambda name=name: value(name) for name in "abc"}, inf, rounds=3)  # type: ignore[misc]
    assert "".join(said) == "abc" + "abc" + "bca" + "cab"
    assert found["a"].values == (4, 9, 11)


def test_without_time_nothing_is_said() -> None:
    assert in_turns({"a": lambda: None, "b": lambda: None}, deadline=-inf) == {}

from __future__ import annotations

import pytest

from cnnbench.sweep.define.sweep import Range
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.plots_axes import fraction
from tests.builders.sweeps import MADE, choices

pytestmark = pytest.mark.drawn


@pytest.mark.parametrize(
    ("values", "numeric", "logarithmic"),
    [
        ([1, 3, 5, 7, 10, 15, 20, 40, 80], True, False),  # less than two decades
        ([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1], True, True),
        ([1, 100], True, True),
        ([0, 50, 100, 150, 200], True, False),
        ([1, 51, 101, 151], True, False),  # two decades in even steps
        ([0, 1e-5, 1e-3], False, False),  # a zero has no place on the scale of the others
        ([-1, 0, 1], True, False),
        ([8, "16"], False, False),
        ([True, False], False, False),
        ([None, 1], False, False),
        ([3], False, False),
    ],
)
def test_a_list_is_drawn_on_the_scale_its_values_have(values, numeric, logarithmic):
    axis = choices("x", *values)
    assert (scales.is_numeric(axis), scales.is_logarithmic(axis)) == (numeric, logarithmic)


def test_a_range_says_itself_whether_it_is_logarithmic():
    assert scales.is_logarithmic(Range(path="x", low=1, high=10, log=True))
    assert not scales.is_logarithmic(Range(path="x", low=1e-5, high=10))


def test_places_tell_true_from_one_and_know_a_number_by_its_value():
    axis = choices("x", 1, True, "1", None, 0.1 + 0.2)
    assert [scales.index(axis, value) for value in (True, 1.0, None, "1", 0.3)] == [1, 0, 3, 2, 4]
    with pytest.raises(ValueError, match="x: 7 is not in its list"):
        scales.index(axis, 7)


def test_fractions_run_along_the_scale():
    assert fraction(Range(path="x", low=1e-4, high=1, log=True), [1e-4, 1e-2, 1]) == pytest.approx([0, 0.5, 1])
    assert fraction(choices("x", "a", "b", "c"), ["c", "b"]) == [1, 0.5]
    assert fraction(choices("x", "a"), ["a"]) == [0.5]


@pytest.mark.parametrize(
    ("name", "full"),
    [("two_axes", True), ("three_axes", True), ("broken_grid", False), ("sampled", False), ("nothing", False)],
)
def test_a_grid_is_full_where_every_combination_is_done(name, full):
    assert scales.is_full_grid(MADE[name]()) is full

"""The rows of searches and prunings."""

from __future__ import annotations

from inspect import signature
from pkgutil import resolve_name

import pytest
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler

from cnnbench.catalogue.searches import PRUNINGS, SEARCHES, that_take
from cnnbench.sweep.define.sections import Pruning, Search


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_is_one_of_three_kinds_and_its_sampler_is_there(name: str) -> None:
    method = SEARCHES[name]
    assert [method.takes_listed, method.draws, method.lists_rows].count(True) == 1
    assert set(method.takes) < set(Search.model_fields)
    if method.draws:
        assert issubclass(resolve_name(method.sampler), BaseSampler) and "seed" in method.takes
    else:
        assert not method.learns


def test_a_grid_has_as_many_points_as_it_says() -> None:
    grid = SEARCHES["grid"]
    assert grid.points is not None
    assert list(grid.points("ab", "c", "de")) == [tuple("acd"), tuple("ace"), tuple("bcd"), tuple("bce")]
    assert grid.size([2, 1, 2]) == 4
    assert SEARCHES["one_factor"].size([3, 1, 2]) == 4  # three values of one, and another one of the last


@pytest.mark.parametrize("name", PRUNINGS)
def test_a_pruner_is_there_and_takes_what_its_row_says(name: str) -> None:
    method, pruner = PRUNINGS[name], resolve_name(PRUNINGS[name].pruner)
    assert issubclass(pruner, BasePruner)
    longest = {method.longest} if method.longest else set()
    assert {*method.takes.values(), *longest} <= set(signature(pruner).parameters)
    assert set(method.takes) < set(Pruning.model_fields)


def test_keys_are_known_by_what_takes_them() -> None:
    assert (that_take("rows"), that_take("startup_trials")) == (["list"], ["median"])
    assert that_take("seed") == ["random", "tpe", "gp", "cmaes"]

"""Which pairs of groups are tested: all of few, and of many no more than a fixed number for each."""

from __future__ import annotations

from itertools import combinations
from math import comb
from pathlib import Path

import pytest

from cnnbench.compare import families
from cnnbench.compare.comparison import Comparison, Options, compare
from cnnbench.compare.families import Family, family
from cnnbench.compare.runs import Group
from cnnbench.compare.text import as_text
from tests.builders.compared import finished
from tests.compare.test_corrupted import corrupted

MORE = "so p-values after Holm are upper bounds of what testing every pair would give"


def groups(number: int) -> list[Group]:
    return [Group(str(at), Path(str(at)), (), "run") for at in range(number)]


def number(found: Family) -> int:
    return len(found.shown) + len(found.others)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("pairs", [False, True])
def test_pairs_grow_no_faster_than_the_groups(named: bool, pairs: bool) -> None:
    few, many = (family(some, baseline=some[0], named=named, pairs=pairs) for some in (groups(1000), groups(2000)))
    assert number(many) - number(few) == 1000
    if pairs or not named:
        assert number(many) + many.more == comb(2000, 2)


def test_all_pairs_of_few_are_tested() -> None:
    some = groups(families.EACH)
    assert family(some, baseline=some[3], named=True, pairs=True).shown == list(combinations(some, 2))
    best = family(some, baseline=some[0], named=False, pairs=False)
    assert (number(best), best.more) == (comb(families.EACH, 2), 0)


def test_of_many_the_first_are_tested_in_pairs_and_the_rest_against_the_baseline() -> None:
    some = groups(families.EACH + 3)
    late = some[-1]
    found = family(some, baseline=late, named=True, pairs=True)
    first, rest = some[: families.EACH], some[families.EACH : -1]
    assert found.shown[: comb(families.EACH, 2)] == list(combinations(first, 2))
    assert found.shown[comb(families.EACH, 2) :] == [(group, late) for group in [*first, *rest]]
    assert len(set(map(frozenset, found.shown))) == len(found.shown)


@pytest.fixture
def five(tmp_path: Path) -> Path:
    """Wrong on 1, 11, 21 images and so on, corrupted ones too."""
    for at in range(5):
        run = finished(tmp_path, range(10 * at + 1), name="abcde"[at])
        corrupted(run, {"blur": 4 + 8 * at, "jpeg": 10})
    return tmp_path


def compared(path: Path, **options: bool) -> Comparison:
    return compare([str(path)], Options(**options))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("pairs", [False, True])
def test_p_values_of_many_are_bounds_of_those_of_all_pairs(
    five: Path, pairs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = compared(five, pairs=pairs).blocks
    monkeypatch.setattr(families, "EACH", 3)
    found = compared(five, pairs=pairs)
    (block,) = found.blocks
    exact = {(d.a.name, d.b.name): d for d in whole.differences}
    bounds = {(d.a.name, d.b.name): d for d in block.differences}
    assert len(bounds) == (3 + 2 if pairs else 4) and len(exact) == (comb(5, 2) if pairs else 4)
    for (a, b), bound in bounds.items():
        same = exact.get((a, b)) or exact[b, a]
        assert bound.p == pytest.approx(same.p) and bound.tests == same.tests == comb(5, 2)
        assert (bound.adjusted or 0) >= (same.adjusted or 0) - 1e-12
    assert block.corrupted.tests == whole.corrupted.tests == 3 * comb(5, 2)
    assert [row.b.name for row in block.corrupted.rows] and MORE in as_text(found) and MORE not in whole.family
    assert all(block.to_baseline(group) for group in block.groups if group is not block.baseline)

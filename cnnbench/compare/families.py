"""Which pairs of groups are tested, and over how many tests their p-values are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from cnnbench.compare.runs import Group
from cnnbench.text import count

Pair = tuple[Group, Group]

EACH = 100  # groups that are all tested against each other; pairs grow with the square of them
BEST = "since the baseline was chosen for being the best; one named beforehand (--baseline) takes fewer"
BOUNDS = "so p-values after Holm are upper bounds of what testing every pair would give"


@dataclass(frozen=True)
class Family:
    """Pairs that are `shown`, others that are tested too, and how many `more` count without being tested.

    `said` is over which tests p-values are corrected, in words.
    """

    shown: Sequence[Pair]
    others: Sequence[Pair]
    more: int
    said: str


def family(ranked: Sequence[Group], *, baseline: Group, named: bool, pairs: bool) -> Family:
    """Return the family of tests of groups, the best first, against a baseline, or of all `pairs`.

    A baseline that was not `named` was chosen for being the best, and has in effect been compared with all the others'
    pairs as well: these count. Of more than `EACH` groups those are counted and not tested.
    """
    to_baseline = [(group, baseline) for group in ranked if group is not baseline] if baseline in ranked else []
    if named and not pairs:
        return Family(to_baseline, (), 0, "the differences to the baseline")
    return (_all_pairs if pairs else _of_the_best)(ranked, to_baseline)


def _all_pairs(ranked: Sequence[Group], to_baseline: Sequence[Pair]) -> Family:
    first = ranked[:EACH]
    shown, told = list(combinations(first, 2)), set(map(id, first))
    shown += [(a, b) for a, b in to_baseline if not {id(a), id(b)} <= told]
    if not (more := comb(len(ranked), 2) - len(shown)):
        return Family(shown, (), 0, "all pairs")
    tested = f"only the first {EACH} are tested against each other, and the rest against the baseline"
    return Family(shown, (), more, f"all {count(len(shown) + more)} pairs; of so many groups {tested}, {BOUNDS}")


def _of_the_best(ranked: Sequence[Group], to_baseline: Sequence[Pair]) -> Family:
    in_all = comb(len(ranked), 2)
    if len(ranked) > EACH:
        tested = f"Of more than {EACH} groups only the differences to the baseline are tested, {BOUNDS}"
        return Family(to_baseline, (), in_all - len(to_baseline), f"all {count(in_all)} pairs, {BEST}. {tested}")
    baseline = to_baseline[0][1] if to_baseline else None
    others = list(combinations([group for group in ranked if group is not baseline], 2))
    return Family(to_baseline, others, 0, f"all pairs, {BEST}")

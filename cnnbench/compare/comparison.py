"""The story of a comparison: find the runs, group them, refuse what cannot be compared, rank and test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import inf
from pathlib import Path

from cnnbench.catalogue.measures import measure
from cnnbench.compare.corrupted import Corrupted, under_corruption
from cnnbench.compare.difference import Difference, adjusted, difference, turned
from cnnbench.compare.families import family
from cnnbench.compare.find import find
from cnnbench.compare.grouping import read_groups
from cnnbench.compare.measures import check_measure
from cnnbench.compare.runs import Group, LeftOut
from cnnbench.compare.wording import short
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.text import count

TOP = 10


@dataclass(frozen=True)
class Options:
    """How to compare. `baseline` is a name or a path, None for the best."""

    by: str = "accuracy"
    baseline: str | None = None
    pairs: bool = False
    top: int = TOP
    different_data: bool = False
    smoke: bool = False


@dataclass(frozen=True)
class Block:
    """Groups tested on the same images, the best first, and the differences that were asked for.

    `family` says over which tests p-values were corrected, `corrupted` how the same differ on corrupted test images.
    """

    groups: tuple[Group, ...]
    baseline: Group
    differences: tuple[Difference, ...]
    family: str
    corrupted: Corrupted = field(default_factory=Corrupted)

    @property
    def images(self) -> str:
        """What the groups were tested on, in words."""
        return tested_on(self.groups[0])

    def to_baseline(self, group: Group) -> Difference | None:
        """Return the difference of a group to the baseline, None for the baseline itself."""
        return self._to_baseline.get(id(group))

    @cached_property
    def _to_baseline(self) -> dict[int, Difference]:
        there = {id(found.a): found for found in self.differences if found.b is self.baseline}
        back = {id(found.b): turned(found) for found in self.differences if found.a is self.baseline}
        return back | there


@dataclass(frozen=True)
class Comparison:
    """What came of it; more than one block where groups were tested on different images."""

    options: Options
    blocks: tuple[Block, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def groups(self) -> list[Group]:
        """All groups."""
        return [group for block in self.blocks for group in block.groups]


def compare(arguments: Sequence[str], options: Options) -> Comparison:
    """Compare what is named; raises ConfigError in one line per reason why that cannot be done."""
    found, passed_by = find(arguments, options.top)
    groups, left_out = read_groups(found, options.smoke)
    left_out = [*passed_by, *left_out]
    _refuse_too_few(groups, left_out)
    check_measure(options.by, (name for group in groups for run in group.runs for name in run.measures))
    blocks = _same_images(groups, options.different_data)
    baseline = _find_baseline(groups, options.baseline)
    return Comparison(options, tuple(_block(block, baseline, options) for block in blocks), tuple(left_out))


def rank(groups: Sequence[Group], by: str) -> list[Group]:
    """Return the groups, the best mean of a measure first, those without it last."""
    sign = 1 if measure(by).better == "lower" else -1

    def key(group: Group) -> float:
        mean = group.mean(by)
        return inf if mean is None else sign * mean.mean

    return sorted(groups, key=key)


def places(groups: Sequence[Group], by: str) -> list[int]:
    """Return the rank of each of the ranked groups; equal means share one."""
    means = [mean.mean if (mean := group.mean(by)) else None for group in groups]
    first: dict[float | None, int] = {}
    return [first.setdefault(mean, place) for place, mean in enumerate(means, start=1)]


def tested_on(group: Group) -> str:
    """Return `10,000 test images of cifar10 in 10 classes`."""
    source = group.runs[0].measured.get("data", {}).get("source", "unknown data")
    return f"{count(group.images)} test images of {source} in {len(group.classes)} classes"


def _refuse_too_few(groups: Sequence[Group], left_out: Sequence[LeftOut]) -> None:
    if len(groups) > 1:
        return
    reasons = [f"{one.path}: left out ({one.reason})" for one in left_out]
    if not groups:
        raise ConfigError("nothing to compare: no finished run", *reasons)
    (only,) = groups
    what = f"{len(only.runs)} runs of one configuration" if len(only.runs) > 1 else "one run"
    raise ConfigError(f"{only.path}: {what} alone; comparing takes two", *reasons)


def _same_images(groups: Sequence[Group], different_data: bool) -> list[list[Group]]:
    """Return the groups by test images; raises ConfigError where these differ and may not."""
    for group in groups:
        if len({run.test_images for run in group.runs}) > 1:
            raise ConfigError(f"{group.path}: its runs were tested on different images, so they are no repeats")
    blocks: dict[str, list[Group]] = {}
    for group in groups:
        blocks.setdefault(group.runs[0].test_images, []).append(group)
    if len(blocks) > 1 and not different_data:
        told = " and ".join(f"{_some(block)} ({tested_on(block[0])})" for block in blocks.values())
        raise ConfigError(f"tested on different images: {told}; --different-data ranks each by itself")
    return list(blocks.values())


def _some(block: Sequence[Group]) -> str:
    first = ", ".join(short(group) for group in block[:3])
    return first + (f" and {len(block) - 3} more" if len(block) > 3 else "")


def _find_baseline(groups: Sequence[Group], wanted: str | None) -> Group | None:
    if wanted is None:
        return None
    by_name = {group.name: group for group in groups}
    if wanted in by_name:
        return by_name[wanted]
    path = Path(wanted).expanduser().resolve()
    for group in groups:
        if path in {group.path.resolve(), *(run.path.resolve() for run in group.runs)}:
            return group
    hint = did_you_mean(wanted, by_name) or f"; there are {', '.join(short(group) for group in groups)}"
    raise ConfigError(f"--baseline {wanted}: neither a name nor a folder of what is compared{hint}")


def _block(groups: Sequence[Group], wanted: Group | None, options: Options) -> Block:
    """Rank and test groups of the same test images."""
    ranked = rank(groups, options.by)
    named = next((group for group in ranked if group is wanted), None)
    baseline = named or ranked[0]
    family_of = partial(family, baseline=baseline, named=named is not None, pairs=options.pairs)
    found = family_of(ranked)
    tested = adjusted([difference(a, b) for a, b in (*found.shown, *found.others)], found.more)
    shown = tuple(tested[: len(found.shown)])
    return Block(tuple(ranked), baseline, shown, found.said, under_corruption(ranked, family_of))

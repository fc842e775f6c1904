"""From folders to groups of runs of one configuration, each with the shortest name that tells it from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cnnbench.compare.find import Found
from cnnbench.compare.runs import Finished, Group, LeftOut, read_run
from cnnbench.errors import ConfigError


def read_groups(found: Sequence[Found], smoke: bool) -> tuple[list[Group], list[LeftOut]]:
    """Return the groups with at least one finished run, and every run that is left out.

    Smoke runs that were named are refused without `smoke`, those met below a folder are left out. Raises ConfigError.
    """
    groups: list[Group] = []
    left_out: list[LeftOut] = []
    for one in found:
        read = [read_run(path) for path in one.runs]
        left_out += [run for run in read if isinstance(run, LeftOut)]
        runs = tuple(run for run in read if isinstance(run, Finished))
        group = Group("", one.path, runs, one.kind, len(one.runs), one.label)
        if group.smoke and not smoke:
            left_out.append(_refused(group, one.named))
        elif runs:
            groups.append(group)
    return named(with_repeats(groups)), left_out


def _refused(group: Group, was_named: bool) -> LeftOut:
    if was_named:
        raise ConfigError(f"{group.path}: a smoke run, whose numbers say nothing; --smoke compares it all the same")
    return LeftOut(group.path, "smoke run (--smoke takes it in)")


def with_repeats(groups: Sequence[Group]) -> list[Group]:
    """Return the same with single runs that differ in the seed alone as one group.

    Runs of the same configuration and the same seed are one run done twice, not repeats, and stay apart.
    """
    alike: dict[str, list[Group]] = {}
    for group in groups:
        key = f"{group.runs[0].configuration} {group.smoke}" if group.kind == "run" else str(group.path)
        alike.setdefault(key, []).append(group)
    together = []
    for members in alike.values():
        seeds = {group.runs[0].seed for group in members}
        together += [_merged(members)] if 1 < len(members) == len(seeds) else members
    return together


def _merged(members: Sequence[Group]) -> Group:
    runs = tuple(sorted((run for group in members for run in group.runs), key=lambda run: run.seed))
    return Group("", runs[0].path, runs, "seeds", len(runs))


def named(groups: Sequence[Group]) -> list[Group]:
    """Return the groups with names: experiment or point, with its folder where that is not enough, else the path."""
    candidates = [_names(group) for group in groups]
    level = [0] * len(groups)
    while True:
        names = [names[at] for names, at in zip(candidates, level, strict=True)]
        shared = {name for name, times in Counter(names).items() if times > 1}
        unclear = [i for i, name in enumerate(names) if name in shared and level[i] + 1 < len(candidates[i])]
        if not unclear:
            return [replace(group, name=name) for group, name in zip(groups, names, strict=True)]
        for i in unclear:
            level[i] += 1


def _names(group: Group) -> list[str]:
    if group.label:
        sweep = group.path.parent.parent
        return [group.label, f"{sweep.name}: {group.label}", f"{group.path}: {group.label}", str(group.path)]
    name = group.runs[0].name
    return [name, f"{name}/{group.path.name}", str(group.path)]

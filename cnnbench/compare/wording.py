"""Differences in words: what the numbers support, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnnbench.compare.difference import Difference, turned
from cnnbench.compare.runs import Group
from cnnbench.statistics.images import MCNEMAR
from cnnbench.text import NOTHING, count, label, p_value, points

NAME_LIMIT = 60


def short(group: Group) -> str:
    """Return a group's name as one printable line."""
    return label(group.name, NAME_LIMIT)


def interval(limits: tuple[float, float] | None, decimals: int = 2) -> str:
    """Return the two ends of an interval of a difference in points."""
    return NOTHING if limits is None else f"{points(limits[0], decimals)} to {points(limits[1], decimals)}"


def sentence(found: Difference) -> str:
    """Return the verdict on a pair as a plain sentence, the better one first."""
    if found.difference < 0:
        return sentence(turned(found))
    better, other = short(found.a), short(found.b)
    size = f"{points(found.difference)} points"
    if found.p is None:
        return f"{better} and {other} cannot be tested against each other ({size} on average): {found.reason}"
    sure = "no interval, as nothing varies" if found.interval is None else f"95 % interval {interval(found.interval)}"
    numbers = f"{size}, {sure} ({_test(found)})"
    if found.significant:
        return f"{better} is better than {other} {_where(found)}: {numbers}"
    return f"these data cannot tell {better} from {other}: {numbers}"


def _where(found: Difference) -> str:
    if found.test == MCNEMAR:
        return f"on these {count(found.agreement.images)} images"
    return f"over {found.runs}"


def _test(found: Difference) -> str:
    adjusted = f", {p_value(found.adjusted)} after Holm over {found.tests} tests" if found.tests > 1 else ""
    pairing = f", {found.runs}" if found.runs and not found.significant else ""
    return f"{found.test}{pairing}: p {equals(found.p)}{adjusted}"


def equals(p: float | None) -> str:
    """Return `= 0.0123` or `< 0.0001`."""
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def cautions(groups: Iterable[Group], differences: Sequence[Difference]) -> list[str]:
    """Return what the verdicts are about and what they leave open, each thing once."""
    shown = list(groups)
    tests = {found.test for found in differences if found.test}
    said = []
    if MCNEMAR in tests:
        said.append(
            "McNemar's test is about these trained networks and images like these: how much another seed would change "
            "is not in it, so it says nothing about the methods; that takes several seeds of each (train --seeds)."
        )
    if tests - {MCNEMAR}:
        said.append(
            "t-tests are about what other trainings of the same configurations would reach on these test images, "
            "with accuracies about normally distributed; other images are not in it."
        )
    if tests and any(group.kind == "folds" for group in shown):
        said.append(
            "Folds share most of their training images, so their runs vary less than independent ones would: p-values "
            "are too small (Nadeau and Bengio 2003)."
        )
    if any(found.tests > 1 for found in differences):
        said.append("Intervals are of each pair alone; p-values after Holm allow for all tests.")
    if any(not group.single for group in shown):
        said.append("Images that a group of runs has right are those its majority predicts rightly.")
    return said

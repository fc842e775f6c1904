"""Whether what a source says of rows against each other holds, by the difference of their runs and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Literal

from cnnbench.compare.difference import difference
from cnnbench.compare.runs import Group
from cnnbench.numbers import mean
from cnnbench.statistics.runs import paired, welch
from cnnbench.studies.measured import Measured
from cnnbench.studies.sections import Claim

Judged = Literal["holds", "does not hold", "cannot be told"]
LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """Of one row and another: `interval` is None where there is no spread, as between counts."""

    value: float
    interval: tuple[float, float] | None
    how: str


@dataclass(frozen=True)
class Outcome:
    """A claim with what is measured: of rows in order the last minus the first; of `times` a factor."""

    claim: Claim
    found: Difference | None
    verdict: Judged
    reason: str = ""


class _UntoldError(Exception):
    """Why two rows cannot be compared."""


def outcome(claim: Claim, rows: Sequence[Measured], *, small: bool) -> Outcome:
    """Return whether a claim about these rows holds; of rows in order every step is looked at.

    `small` says that the rows were made small, so that only what is counted tells anything.
    """
    try:
        if small and not all(row.is_count(claim.measure) for row in rows):
            raise _UntoldError("at the small scale")
        if claim.ordered:
            return _in_order(claim, rows)
        found = _difference(claim, rows[0], rows[1], LEVEL)
    except _UntoldError as e:
        return Outcome(claim, None, "cannot be told", str(e))
    verdict = _same(claim, found) if claim.is_ == "same" else _beyond(claim, found)
    return Outcome(claim, _as_factor(found) if claim.times else found, verdict)


def _in_order(claim: Claim, rows: Sequence[Measured]) -> Outcome:
    """Hold the last row against the first, and no step may go the other way for certain (Bonferroni)."""
    level = 1 - (1 - LEVEL) / len(rows)
    steps = [_difference(claim, after, before, level) for before, after in pairwise(rows)]
    whole = _difference(claim, rows[-1], rows[0], LEVEL)
    sign = 1 if claim.is_ == "rising" else -1
    against = [step for step in steps if _ends(step, sign)[1] < 0]
    low, high = _ends(whole, sign)
    if against or high < 0:
        reason = f"{len(against)} of {len(steps)} steps go the other way" if against else ""
        return Outcome(claim, whole, "does not hold", reason)
    return Outcome(claim, whole, "holds" if low > 0 else "cannot be told")


def _beyond(claim: Claim, found: Difference) -> Judged:
    low, high = _ends(found, 1 if claim.is_ == "higher" else -1)
    least = log(claim.times) if claim.times else claim.by
    if low > least or (low == least and least > 0):
        return "holds"
    return "does not hold" if high < least or (found.interval is None and high <= least) else "cannot be told"


def _same(claim: Claim, found: Difference) -> Judged:
    low, high = _ends(found, 1)
    if -claim.by <= low and high <= claim.by:
        return "holds"
    return "does not hold" if high < -claim.by or low > claim.by else "cannot be told"


def _ends(found: Difference, sign: int) -> tuple[float, float]:
    """Return the interval of a difference, or of the difference the other way."""
    low, high = found.interval or (found.value, found.value)
    return (low, high) if sign > 0 else (-high, -low)


def _difference(claim: Claim, a: Measured, b: Measured, level: float) -> Difference:
    """Return the first minus the second, of logarithms where a claim is about times; raises _UntoldError."""
    first, second = a.values(claim.measure, claim.split), b.values(claim.measure, claim.split)
    for row, values in ((a, first), (b, second)):
        if not values:
            lacking = "weights not available" if row.state == "weights" else row.reason or "not measured"
            raise _UntoldError(f"{row.row.key}: {lacking}")
    if claim.times:
        if min(*first, *second) <= 0:
            raise _UntoldError("a factor of nothing")
        first, second = list(map(log, first)), list(map(log, second))
    if a.is_count(claim.measure) and b.is_count(claim.measure):
        return Difference(first[0] - second[0], None, "counted")
    if len(first) == len(second) == 1:
        return _of_single_runs(claim, a, b)
    if min(len(first), len(second)) < 2:
        raise _UntoldError("one run does not show how runs vary")
    alike = bool(a.seeds) and list(a.seeds) == list(b.seeds)
    if len(first) == len(second) and (alike if claim.paired is None else claim.paired):
        found, how = paired(first, second, level), f"{len(first)} pairs of runs"
    else:
        found, how = welch(first, second, level), f"{len(first)} and {len(second)} runs"
    return Difference(found.difference, found.interval, f"{found.test}, {how}")


def _of_single_runs(claim: Claim, a: Measured, b: Measured) -> Difference:
    """Compare the accuracies of two runs on the same test images; nothing else of one run tells how it varies."""
    same = a.runs and b.runs and a.runs[0].test_images == b.runs[0].test_images
    if claim.measure != "accuracy" or claim.split != "test" or not same:
        raise _UntoldError("one run each does not show how runs vary")
    found = difference(*(Group(row.row.key, row.runs[0].path, row.runs, "run") for row in (a, b)))
    return Difference(found.difference, found.interval, f"{found.test}, one run each")


def _as_factor(found: Difference) -> Difference:
    """Return a difference of logarithms as the factor that it is."""
    interval = None if found.interval is None else (exp(found.interval[0]), exp(found.interval[1]))
    return Difference(exp(found.value), interval, found.how)


def means(claim: Claim, rows: Sequence[Measured]) -> list[float | None]:
    """Return the mean of each row, None where it is not measured."""
    values = [row.values(claim.measure, claim.split) for row in rows]
    return [mean(each) if each else None for each in values]

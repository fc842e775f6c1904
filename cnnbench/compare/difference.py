"""How much better one group's test accuracy is than another's, and whether that can be told from chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnbench.compare.runs import Finished, Group
from cnnbench.errors import ConfigError
from cnnbench.numbers import mean, without_noise
from cnnbench.statistics.correction import holm
from cnnbench.statistics.images import MCNEMAR, TANGO, Agreement, difference_interval, mcnemar
from cnnbench.statistics.runs import PAIRED, MeanDifference, paired, welch

LEVEL = 0.05
T_INTERVAL = "t interval of the mean difference"


@dataclass(frozen=True)
class Difference:
    """Test accuracy of `a` minus that of `b`, two groups tested on the same images.

    `interval` is at 95 %. `p` is None where nothing can be tested, for `reason`; `adjusted` is p after Holm's
    correction over `tests` tests. `agreement` counts images by who has them right, a group of runs by its majority.
    """

    a: Group
    b: Group
    difference: float
    agreement: Agreement
    test: str | None = None
    paired_by: str = ""
    p: float | None = None
    interval: tuple[float, float] | None = None
    method: str | None = None
    reason: str = ""
    adjusted: float | None = None
    tests: int = 1

    @property
    def runs(self) -> str:
        """Which runs a t-test was of, in words; empty for single runs."""
        if self.a.single or self.b.single:
            return ""
        if self.paired_by:
            return f"{_runs(self.a)} each, paired by {self.paired_by}"
        return f"{_runs(self.a)} against {_runs(self.b)}"

    @property
    def significant(self) -> bool:
        """Whether chance alone would hardly give such a difference."""
        return self.adjusted is not None and self.adjusted < LEVEL


def difference(a: Group, b: Group) -> Difference:
    """Compare two groups by the test that fits: McNemar's for two single runs, a t-test for two sets of runs.

    Raises ConfigError where predictions.csv of a run cannot be read or does not fit the other's.
    """
    accuracies = a.values("accuracy"), b.values("accuracy")
    untested = Difference(a, b, without_noise(mean(accuracies[0]) - mean(accuracies[1])), agreement(a, b))
    if a.single and b.single:
        counts = untested.agreement
        p, interval = mcnemar(counts), difference_interval(counts)
        return replace(
            untested, difference=counts.difference, test=MCNEMAR, p=p, interval=interval, method=TANGO, adjusted=p
        )
    if a.single or b.single:
        one, several = (a, b) if a.single else (b, a)
        reason = (
            f"{one.name} is a single run, which does not show how its runs vary; {several.name} has {_runs(several)}"
        )
        return replace(untested, reason=reason)
    return _of_runs(untested)


def adjusted(differences: Sequence[Difference], more: int = 0) -> list[Difference]:
    """Return the same with p-values corrected for how many were tested and `more` that might have been."""
    tested = [d.p for d in differences if d.p is not None]
    tests = len(tested) + more
    corrected = iter(holm(tested, tests))
    return [replace(d, tests=tests, adjusted=next(corrected)) if d.p is not None else d for d in differences]


def turned(found: Difference) -> Difference:
    """Return the same difference seen from the other side."""
    counts, limits = found.agreement, found.interval
    return replace(
        found,
        a=found.b,
        b=found.a,
        difference=-found.difference,
        interval=None if limits is None else (-limits[1], -limits[0]),
        agreement=Agreement(counts.both, counts.only_b, counts.only_a, counts.neither),
    )


def agreement(a: Group, b: Group) -> Agreement:
    """Count test images by who of two groups has them right."""
    first, second = a.answers, b.answers
    if len(first.labels) != len(second.labels) or (first.labels != second.labels).any():
        raise ConfigError(f"{b.runs[0].folder.predictions}: does not list the images that {a.runs[0].path} lists")
    both, only_a = int((first.right & second.right).sum()), int((first.right & ~second.right).sum())
    only_b = int((~first.right & second.right).sum())
    return Agreement(both, only_a, only_b, len(first.labels) - both - only_a - only_b)


def _of_runs(untested: Difference) -> Difference:
    pairs = paired_runs(untested.a, untested.b)
    if pairs is None:
        return _with_test(untested, welch(untested.a.values("accuracy"), untested.b.values("accuracy")), "")
    first, second = ([run.measures["accuracy"] for run in runs] for runs in zip(*pairs, strict=True))
    found = paired(first, second)
    return _with_test(untested, found, _paired_by(untested.a))


def _with_test(untested: Difference, found: MeanDifference, paired_by: str) -> Difference:
    tested = replace(untested, test=found.test, paired_by=paired_by, difference=found.difference)
    if found.p is None:
        what = "the difference is the same in every pair" if found.test == PAIRED else "neither's runs vary"
        return replace(tested, reason=f"{what}, which leaves no spread to measure it against")
    return replace(tested, p=found.p, adjusted=found.p, interval=found.interval, method=T_INTERVAL)


def paired_runs(a: Group, b: Group) -> list[tuple[Finished, Finished]] | None:
    """Return runs with the same seed, fold and validation images, None where not all have a partner."""
    first, second = ({run.repeat: run for run in group.runs} for group in (a, b))
    if first.keys() != second.keys() or not len(first) == len(a.runs) == len(b.runs):
        return None
    if any(first[key].validation != second[key].validation for key in first):
        return None
    return [(first[key], second[key]) for key in sorted(first)]


def _paired_by(group: Group) -> str:
    return "fold" if len({run.repeat[1] for run in group.runs}) > 1 else "seed"


def _runs(group: Group) -> str:
    return f"{len(group.runs)} run{'s' if len(group.runs) > 1 else ''}"

"""How groups differ under each kind of corruption, where all were tested on the same corrupted images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.compare.difference import LEVEL, paired_runs
from cnnbench.compare.families import Family
from cnnbench.compare.runs import Finished, Group
from cnnbench.numbers import mean
from cnnbench.runs.robustness import unpacked
from cnnbench.statistics.correction import holm
from cnnbench.statistics.runs import MeanDifference, paired, welch

ALL = "all kinds"
OVER_IMAGES = "paired t-test over images"


@dataclass(frozen=True)
class UnderCorruption:
    """Mean accuracy over the strengths of a kind, `a` and `b`, of two groups, and the difference.

    `p` and `interval` are None where nothing can be tested; `adjusted` is p after Holm's correction over all kinds and
    pairs.
    """

    kind: str
    a: Group
    b: Group
    accuracies: tuple[float, float]
    test: str | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    adjusted: float | None = None

    @property
    def difference(self) -> float:
        """Accuracy of the first less that of the second."""
        return self.accuracies[0] - self.accuracies[1]

    @property
    def significant(self) -> bool:
        """Whether chance alone would hardly give such a difference."""
        return self.adjusted is not None and self.adjusted < LEVEL


@dataclass(frozen=True)
class Corrupted:
    """The differences under corruption that are shown, over how many tests p-values were corrected, and what is not."""

    rows: tuple[UnderCorruption, ...] = ()
    tests: int = 0
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.notes)


def under_corruption(groups: Sequence[Group], family_of: Callable[[Sequence[Group]], Family]) -> Corrupted:
    """Return how groups differ under corruption, the pairs of those that were measured on corrupted images.

    Nothing where none was. Raises DataError where a file of a run is damaged.
    """
    measured = [group for group in groups if _measured(group)]
    if not measured:
        return Corrupted()
    lacking = [group.name for group in groups if not _measured(group)]
    notes = [f"Not measured on corrupted images (evaluate RUN --corrupt): {', '.join(lacking)}."] if lacking else []
    family = family_of(measured)
    shown, others = (list(filter(_same_images, pairs)) for pairs in (family.shown, family.others))
    if len(shown) + len(others) < len(family.shown) + len(family.others):
        notes.append("Under corruption only those are compared that saw the same corrupted images.")
    told, untold = ([row for pair in pairs for row in _of_pair(*pair)] for pairs in (shown, others))
    more = family.more * max(len(_kinds(group)) for group in measured)
    rows = _adjusted([*told, *untold], more)
    return Corrupted(tuple(rows[: len(told)]), more + sum(row.p is not None for row in rows), tuple(notes))


def _measured(group: Group) -> bool:
    return all("corruptions" in run.robustness for run in group.runs)


def _same_images(pair: tuple[Group, Group]) -> bool:
    runs = [run for group in pair for run in group.runs]
    told = {tuple((row["kind"], row["pixels_sha256"]) for row in _of(run)["kinds"]) for run in runs}
    return len(told) == 1 and len({_of(run)["images"] for run in runs}) == 1


def _of_pair(a: Group, b: Group) -> list[UnderCorruption]:
    return [_tested(a, b, kind) for kind in _kinds(a)]


def _kinds(group: Group) -> list[str]:
    return [*(str(row["kind"]) for row in _of(group.runs[0])["kinds"]), ALL]


def _tested(a: Group, b: Group, kind: str) -> UnderCorruption:
    """Compare two single runs image by image, two sets of runs by their accuracies."""
    of_a, of_b = ([float(_shares(run, kind).mean()) for run in group.runs] for group in (a, b))
    row = UnderCorruption(kind, a, b, (mean(of_a), mean(of_b)))
    if a.single and b.single:
        found = paired(_shares(a.runs[0], kind).tolist(), _shares(b.runs[0], kind).tolist())
        return _with(row, replace(found, test=OVER_IMAGES))
    if a.single or b.single:
        return row
    pairs = paired_runs(a, b)
    if pairs is None:
        return _with(row, welch(of_a, of_b))
    first, second = ([float(_shares(run, kind).mean()) for run in runs] for runs in zip(*pairs, strict=True))
    return _with(row, paired(first, second))


def _with(row: UnderCorruption, found: MeanDifference) -> UnderCorruption:
    return replace(row, test=found.test, interval=found.interval, p=found.p, adjusted=found.p)


def _shares(run: Finished, kind: str) -> NDArray[np.float64]:
    """Return for each image the share of strengths of a kind, or of all kinds, at which it was right."""
    found, path = _of(run), run.folder.robustness
    wanted = [row for row in found["kinds"] if kind in (ALL, row["kind"])]
    right = [unpacked(path, each["right"], found["images"]) for row in wanted for each in row["strengths"]]
    shares: NDArray[np.float64] = np.mean(right, axis=0)
    return shares


def _of(run: Finished) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.robustness["corruptions"]
    return found


def _adjusted(rows: Sequence[UnderCorruption], more: int) -> list[UnderCorruption]:
    p_values = [row.p for row in rows if row.p is not None]
    corrected = iter(holm(p_values, len(p_values) + more))
    return [replace(row, adjusted=next(corrected)) if row.p is not None else row for row in rows]

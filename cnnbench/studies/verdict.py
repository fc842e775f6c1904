"""Whether a published number agrees with what is measured, as far as runs that differ by chance can tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from cnnbench.evaluation.metrics import wilson_interval
from cnnbench.statistics.intervals import next_interval
from cnnbench.studies.measured import Measured, bounds_of, is_time, kind_of
from cnnbench.studies.printed import Range, as_printed, printed, step_of
from cnnbench.studies.sections import Published, Split, Value

Verdict = Literal[
    "holds",
    "differs by more than the interval",
    "cannot be told",
    "weights not available",
    "the source contradicts itself",
    "not run yet",
]
TOO_WIDE = 0.05  # half of an interval of a share: what agrees within more is not told
UNTRAINED: dict[str, tuple[Verdict, str]] = {
    "weights": ("weights not available", ""),
    "not run": ("not run yet", ""),
    "left out": ("cannot be told", "left out at the small scale"),
    "failed": ("cannot be told", ""),
    "data": ("cannot be told", ""),
    "words": ("cannot be told", ""),
}


@dataclass(frozen=True)
class Number:
    """A published number beside the measured one; `difference` is measured minus published.

    `interval` is where a single further run would lie (95 %), of one run Wilson's interval of its accuracy, of a count
    None: it is exact.
    """

    measured: Measured
    group: Published
    measure: str
    value: Value
    mean: float | None
    interval: tuple[float, float] | None
    runs: int
    verdict: Verdict
    reason: str = ""

    @property
    def published(self) -> str:
        """The number as it is printed."""
        return as_printed(self.value, self.group.decimals)

    @property
    def difference(self) -> float | None:
        """Measured minus published, None where either is no number."""
        return None if self.mean is None or self.value.is_ is None else self.mean - self.value.is_


def number_of(
    measured: Measured, group: Published, measure: str, *, small: bool, contradicted: Collection[str]
) -> Number:
    """Return a published number with what is measured and the verdict; `contradicted` are measures that cannot be."""
    value = group.values[measure]
    values = measured.values(measure, group.split)
    mean, interval = spread(measured, measure, group.split, values)
    verdict, reason = _verdict(measured, measure, group, value, mean, interval, small=small)
    if measure in contradicted:
        verdict, reason = "the source contradicts itself", "see Arithmetic"
    return Number(measured, group, measure, value, mean, interval, len(values), verdict, reason)


def spread(
    measured: Measured, measure: str, split: Split, values: list[float]
) -> tuple[float | None, tuple[float, float] | None]:
    """Return the mean of a row's values and where one more run would lie, of the accuracy of one run Wilson's."""
    if not values:
        return None, None
    found = next_interval(values, bounds_of(measure))
    single = len(values) == 1 and measured.runs and not measured.is_count(measure)
    if single and measure == "accuracy" and split != "train":
        images = _images(measured, split)
        return found.mean, wilson_interval(round(found.mean * images), images) if images else None
    return found.mean, found.interval


def _images(measured: Measured, split: Split) -> int:
    """Return how many images an accuracy of the only run is of."""
    run = measured.runs[0]
    return int(run.measured["images"] if split == "test" else run.split["validation"]["images"])


def _verdict(
    measured: Measured,
    measure: str,
    group: Published,
    value: Value,
    mean: float | None,
    interval: tuple[float, float] | None,
    *,
    small: bool,
) -> tuple[Verdict, str]:
    exact = measured.is_count(measure)
    if mean is None:
        verdict, reason = UNTRAINED.get(measured.state, ("cannot be told", "not measured"))
        said_once = measured.state == "weights"  # which files are lacking is said of the row, not of each number
        return verdict, reason or ("" if said_once or measured.reason == verdict else measured.reason)
    if small and not exact:
        return "cannot be told", "at the small scale"
    if is_time(measure):
        return "cannot be told", "a time, on another machine"
    if interval is None and not exact:
        why = "one run shows no interval" if len(measured.runs) == 1 else "runs that agree show no interval"
        return "cannot be told", why
    return _compared(Range(*(interval or (mean, mean))), value, group, measure)


def _compared(found: Range, value: Value, group: Published, measure: str) -> tuple[Verdict, str]:
    """Compare an interval to a number as printed, or to a bound in words."""
    if value.is_ is not None:
        said = printed(value.is_, step_of(value, group.decimals))
        if found.high < said.low or said.high < found.low:
            return "differs by more than the interval", ""
    else:
        outside, inside = _of_bound(found, value)
        if outside:
            return "differs by more than the interval", ""
        if not inside:
            return "cannot be told", "the bound lies in the interval"
    if kind_of(measure).is_share and found.high - found.low > 2 * TOO_WIDE:
        return "cannot be told", "the interval is wider than ten points"
    return "holds", ""


def _of_bound(found: Range, value: Value) -> tuple[bool, bool]:
    """Return whether all of an interval lies outside of a bound, and whether all of it lies inside."""
    over = float("-inf") if value.over is None else value.over
    under = float("inf") if value.under is None else value.under
    return found.high < over or found.low > under, over <= found.low and found.high <= under

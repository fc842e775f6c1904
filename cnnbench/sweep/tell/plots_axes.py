"""What the plots of a sweep share: scales and ticks of metrics and of swept keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnbench.catalogue.measures import measure
from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Axis, Range
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import shown_value
from cnnbench.text import label
from cnnbench.views.style import BLUE, POSITIVE, UPRIGHT, Ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as Ruler

MOST_TICKS = 18  # values named along an axis; of more, every second, third ... is
CLOSEST = 1 / 14  # of the axis between two ticks, so that their texts stay apart


@dataclass(frozen=True)
class Metric:
    """How the values of an objective are drawn: `name` with its unit, times `factor`, on which scale."""

    key: str
    name: str
    factor: int
    log: bool
    maximize: bool

    @property
    def possible(self) -> Ends:
        """Where its values end: shares at 0 and 100 %, everything else at 0."""
        return (0, 100) if measure(self.key).is_share else POSITIVE

    def of(self, one: Ranked) -> float:
        """Return what is drawn of a done trial."""
        return self.factor * one.means[self.key].mean

    def bar(self, one: Ranked) -> tuple[float, float]:
        """Return how far the interval reaches below and above, zero for a single run."""
        mean = one.means[self.key]
        low, high = mean.interval or (mean.mean, mean.mean)
        return self.factor * (mean.mean - low), self.factor * (high - mean.mean)


def metric_of(objective: Objective, done: Sequence[Ranked]) -> Metric:
    """Return how an objective is drawn: shares in per cent, what spans two decades on a logarithmic scale."""
    values = [one.means[objective.metric].mean for one in done]
    share = measure(objective.metric).is_share
    wide = not share and min(values, default=0) > 0 and max(values) >= 10**scales.DECADES * min(values)
    name = label(objective.metric, 26) + (" (%)" if share else "")
    return Metric(objective.metric, name, 100 if share else 1, wide, objective.direction == "maximize")


def done_trials(results: SweepResults) -> list[Ranked]:
    """Return the trials that have a rank, the best first."""
    return [one for one in ranked(results) if one.rank is not None]


def graded(shares: Iterable[float]) -> list[tuple[float, float, float, float]]:
    """Return a blue for each share of 0 to 1, the more opaque the larger it is; the palest still shows."""
    from matplotlib.colors import to_rgba

    return [to_rgba(BLUE, 0.2 + 0.8 * share) for share in shares]


def spread(number: int) -> float:
    """Return an offset in -0.25 to 0.25, the same for the same trial, that keeps points of one category apart."""
    return (number * 0.618034 % 1 - 0.5) / 2


def lay_out_metric(axes: Axes, metric: Metric, side: Literal["x", "y"] = "y") -> None:
    """Name and scale one side of a plot for a metric."""
    axes.set(**{f"{side}label": metric.name, f"{side}scale": "log" if metric.log else "linear"})
    if metric.log:
        plain_numbers(axes.yaxis if side == "y" else axes.xaxis)


def lay_out_values(axes: Axes, axis: Axis, name: str) -> None:
    """Scale the x axis for a swept key and name its values."""
    axes.set_xlabel(label(name, 36))
    values = axis.listed
    if not scales.is_numeric(axis):
        _name_categories(axes, [shown_value(value) for value in values])
        return
    if scales.is_logarithmic(axis):
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
    if values and _apart(axis, values):
        axes.set_xticks([float(value) for value in values], [shown_value(value) for value in values])
        axes.minorticks_off()
    low, high = ends(axis)
    _frame(axes, low, high, scales.is_logarithmic(axis))


def plain_numbers(ruler: Ruler) -> None:
    """Write the numbers of a logarithmic scale as they are typed, 0.001, not as powers."""
    from matplotlib.ticker import NullFormatter

    ruler.set_major_formatter(lambda value, _: f"{value:g}")
    ruler.set_minor_formatter(NullFormatter())


def ends(axis: Axis) -> tuple[float, float]:
    """Return the lowest and highest value of a numeric axis."""
    if isinstance(axis, Range):
        return axis.low, axis.high
    values = axis.listed
    return float(min(values)), float(max(values))


def fraction(axis: Axis, values: Iterable[object]) -> list[float]:
    """Return how far along its axis each value lies, 0 to 1; a single one lies in the middle."""
    places = np.array([scales.place(axis, value) for value in values], dtype=np.float64)
    low, high = ends(axis) if scales.is_numeric(axis) else (0.0, len(axis.listed) - 1.0)
    if scales.is_logarithmic(axis):
        places, low, high = np.log(places), float(np.log(low)), float(np.log(high))
    shares: list[float] = ((places - low) / (high - low) if high > low else np.full(len(places), 0.5)).tolist()
    return shares


def _apart(axis: Axis, values: Sequence[object]) -> bool:
    return all(b - a > CLOSEST for a, b in pairwise(sorted(fraction(axis, values))))


def _frame(axes: Axes, low: float, high: float, log: bool) -> None:
    if log:
        room = (high / low) ** 0.05
        axes.set_xlim(low / room, high * room)
    elif high > low:
        room = 0.05 * (high - low)
        axes.set_xlim(low - room, high + room)


def _name_categories(axes: Axes, texts: Sequence[str]) -> None:
    step = -(-len(texts) // MOST_TICKS)
    names = [label(text, 20) for text in texts[::step]]
    flat = max(map(len, names)) * len(names) <= 28
    axes.set_xticks(range(0, len(texts), step), names, **({} if flat else UPRIGHT))
    axes.set_xlim(-0.6, len(texts) - 0.4)

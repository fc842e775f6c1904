"""What each technique of an ablation gave: the base against the base without it, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cnnbench.statistics.correction import holm
from cnnbench.statistics.intervals import Mean
from cnnbench.statistics.runs import MeanDifference, paired
from cnnbench.sweep.define.ablation import AXIS, NOTHING
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.ranking import Ranked, cost_sign, measured, ranked, values_of

LEVEL = 0.05


@dataclass(frozen=True)
class Gain:
    """How much better the base is than without a technique, in the units of a metric; negative where it is worse.

    `pairs` is the number of seeds that both were trained with. With fewer than two, and where the difference is the
    same in all of them, there is no `p`; `adjusted` is p after Holm's correction over `tests` techniques. `tested` is
    the same of the accuracy on the test images, None where it is not known; nothing is decided by it.
    """

    technique: str
    without: Mean
    difference: float
    pairs: int
    interval: tuple[float, float] | None = None
    p: float | None = None
    adjusted: float | None = None
    tests: int = 0
    tested: MeanDifference | None = None

    @property
    def verdict(self) -> str:
        """What the seeds support: "helps", "harms", "cannot tell", or "not tested"."""
        if self.adjusted is None:
            return "not tested"
        if self.adjusted >= LEVEL:
            return "cannot tell"
        return "helps" if self.difference > 0 else "harms"


def gains(results: SweepResults, metric: str) -> list[Gain]:
    """Return a gain for each technique that is done, in the order of the sweep file; [] before the base is done."""
    done = {one.trial.values.get(AXIS): one for one in ranked(results) if one.rank is not None}
    if not results.sweep.search.ablates or NOTHING not in done:
        return []
    (axis,) = results.sweep.space
    direction = next(o.direction for o in results.sweep.objectives if o.metric == metric)
    base, off = done[NOTHING], [done[name] for name in axis.listed if name != NOTHING and name in done]
    return corrected([_gain(base, one, metric, -cost_sign(direction)) for one in off])


def corrected(found: Sequence[Gain]) -> list[Gain]:
    """Return the same with p-values corrected for how many techniques were tested."""
    tested = [gain.p for gain in found if gain.p is not None]
    adjusted = iter(holm(tested))
    return [replace(gain, adjusted=next(adjusted), tests=len(tested)) if gain.p is not None else gain for gain in found]


def _gain(base: Ranked, off: Ranked, metric: str, sign: int) -> Gain:
    found, pairs = difference(values_of(base.trial, metric), values_of(off.trial, metric), sign)
    tested, _ = difference(measured(base.trial, "test", "accuracy"), measured(off.trial, "test", "accuracy"))
    name, without = off.trial.values[AXIS], off.means[metric]
    if found is None:
        return Gain(name, without, sign * (base.means[metric].mean - without.mean), pairs, tested=tested)
    return Gain(name, without, found.difference, pairs, found.interval, found.p, tested=tested)


def difference(base: Mapping[int, float], off: Mapping[int, float], sign: int = 1) -> tuple[MeanDifference | None, int]:
    """Return base minus off over the seeds that both have, times `sign`, and how many seeds these are.

    None for fewer than two: a single pair does not show how pairs vary.
    """
    seeds = sorted(base.keys() & off.keys())
    if len(seeds) < 2:
        return None, len(seeds)
    return paired([sign * base[seed] for seed in seeds], [sign * off[seed] for seed in seeds]), len(seeds)

"""A search that takes one key at a time: what each gave in its turn, what was carried on, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.sweep.run.factors import End, Factor, factors
from cnnbench.sweep.run.trials import OVER, SweepResults, key_of
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import NAME_LIMIT, plural, short_names, shown_interval, shown_mean, shown_value
from cnnbench.text import label


def turns(results: SweepResults) -> list[Factor]:
    """Return the keys whose turn has come, each with its points; [] for other searches."""
    if not results.sweep.search.in_turn:
        return []
    ends = {key_of(t.values): End(t.objectives[0] if t.objectives else None) for t in results.trials if t.state in OVER}
    return factors(results.sweep, lambda point: ends.get(key_of(point)))


def standing(results: SweepResults, factor: Factor) -> list[Ranked | None]:
    """Return the trial of each point of a key, None where it is not done."""
    done = {key_of(one.trial.values): one for one in ranked(results) if one.rank is not None}
    return [done.get(key_of(point)) for point in factor.points]


def marks(factor: Factor, *, carry: bool) -> list[str]:
    """Return what is said beside each value: which one was the best, and so carried on."""
    return [("carried on" if carry else "best") if point is factor.best else "" for point in factor.points]


def sentence(results: SweepResults, factor: Factor) -> str:
    """Return what came of a key and why."""
    path, others = factor.axis.path, _others(results, factor)
    there = [one for one in standing(results, factor) if one is not None]
    if not factor.is_over:
        return f"{path}, {others}: {len(there)} of {plural(len(factor.points), 'value')} done; the best follows then."
    if factor.best is None:
        after = "; the keys that follow are tried at the base's" if results.sweep.carry else ""
        return f"{path}, {others}: none of {plural(len(factor.points), 'value')} came to an end{after}."
    return f"{path}, {others}: {' '.join(_chosen(results, factor, there))}"


def _others(results: SweepResults, factor: Factor) -> str:
    """Return "at batch_size 32", what the other keys were held at."""
    names = short_names([axis.path for axis in results.sweep.space])
    held = [
        f"{name} {label(shown_value(factor.points[0][path]), NAME_LIMIT)}"
        for path, name in names.items()
        if path != factor.axis.path
    ]
    return f"at {' and '.join(held)}" if held else "alone"


def _chosen(results: SweepResults, factor: Factor, done: Sequence[Ranked]) -> Iterator[str]:
    assert factor.best is not None
    metric, best = results.sweep.objectives[0].metric, factor.best[factor.axis.path]
    (first,) = (one for one in done if one.trial.values[factor.axis.path] == best)
    mean = first.means[metric]
    sure = f", 95 % interval {shown_interval(metric, mean)}" if mean.interval else ""
    carried = "is carried on" if results.sweep.carry and factor.axis.path != results.sweep.space[-1].path else "is best"
    most = "highest" if results.sweep.objectives[0].direction == "maximize" else "lowest"
    yield f"{_named(best)} {carried}: its {metric}, {shown_mean(metric, mean)}{sure}, is the {most}."
    equal = [one for one in done if one.means[metric].mean == mean.mean and one is not first]
    if equal:
        yield f"{_values(equal, factor)} reached the same; of equals the first one listed is taken."
    near = [one for one in done if one is not first and one not in equal and _overlap(one, first, metric)]
    if near:
        yield f"Its interval overlaps with {_values(near, factor)}: these intervals do not tell them apart."
    elif mean.runs == 1 and len(done) > 1:
        yield "Every value was trained with one seed, so chance may have chosen it."


def _overlap(one: Ranked, other: Ranked, metric: str) -> bool:
    (a, b), (c, d) = (m.interval or (m.mean, m.mean) for m in (one.means[metric], other.means[metric]))
    return a <= d and c <= b


def _values(found: Sequence[Ranked], factor: Factor) -> str:
    *others, last = [_named(one.trial.values[factor.axis.path]) for one in found]
    return f"{', '.join(others)} and {last}" if others else f"that of {last}"


def _named(value: object) -> str:
    return label(shown_value(value), NAME_LIMIT)

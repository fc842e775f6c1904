"""What the numbers of a sweep support, and what they do not, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.statistics.intervals import Mean
from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.define.sweep import Axis
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell import scales
from cnnbench.sweep.tell.facts import taken_over
from cnnbench.sweep.tell.plots_axes import fraction
from cnnbench.sweep.tell.ranking import Ranked, ranked
from cnnbench.sweep.tell.wording import plural, shown_interval, shown_mean, shown_metric, shown_value
from cnnbench.text import label

EDGE = 0.02  # of a range: a best value as close to its end is called at the end


def conclusions(results: SweepResults) -> list[str]:
    """Return sentences about the best trial, how sure it is, and what is missing."""
    done = [one for one in ranked(results) if one.rank is not None]
    return [*_about_best(results, done), *_about_the_rest(results, done)]


def _about_best(results: SweepResults, done: Sequence[Ranked]) -> Iterator[str]:
    if not done:
        yield "No trial is finished, so there is nothing to conclude."
        return
    if len(results.sweep.objectives) > 1:
        yield from _about_front(results, done)
        return
    objective = results.sweep.objectives[0]
    if done[0].runs == 1 or not results.sweep.search.ablates:  # whose differences are tested, seed by seed
        yield from _against_second(objective, done)
    if len(done) > 1 and objective.metric.startswith("val_"):
        yield _winners_curse(objective, done)
    yield from _tested(done[0])
    yield from (_at_the_end(axis, done[0]) for axis in results.sweep.space if _is_at_the_end(axis, done[0]))


def _against_second(objective: Objective, done: Sequence[Ranked]) -> Iterator[str]:
    metric, first = objective.metric, done[0].means[objective.metric]
    tied = sum(one.rank == 1 for one in done)
    if tied > 1:
        yield f"{plural(tied, 'trial')} share the best value; the one begun first is listed first."
    if first.runs == 1:
        yield _without_interval(done)
    elif len(done) > 1:
        yield _overlap(metric, done)
        yield (
            "Intervals are about what another seed would change: first weights, order of the images, which of them are "
            "held out for validation. They say nothing about other data. Trials share their seeds, so comparing them "
            "seed by seed, as cnnbench compare does, can tell more."
        )


def _without_interval(done: Sequence[Ranked]) -> str:
    trained = "The only finished point" if len(done) == 1 else "The best point"
    return (
        f"{trained} was trained with one seed, so there is no interval and no telling how much of a difference is "
        "chance; repeats: 3 in the sweep file trains every point with three."
    )


def _overlap(metric: str, done: Sequence[Ranked]) -> str:
    first, second = done[0].means[metric], done[1].means[metric]
    if second.runs == 1:
        return f"The second best, trial {done[1].trial.number}, has no interval to hold against the best's."
    both = (
        f"of the best, trial {done[0].trial.number} ({_reach(metric, first)}, {taken_over(first)}), and of the "
        f"second, trial {done[1].trial.number} ({_reach(metric, second)})"
    )
    if first.interval is None and second.interval is None:
        return f"The values {both}, leave no spread to measure a difference against: seeds that agree prove nothing."
    near = sum(_overlaps(first, one.means[metric]) for one in done[1:])
    if _overlaps(first, second):
        many = plural(near, "finished trial overlaps", "finished trials overlap")
        return f"The intervals {both}, overlap: these seeds do not tell the two apart. In all {many} with the best."
    more = plural(near, "other trial overlaps", "other trials overlap")
    others = f"; {more} with the best all the same" if near else ""
    return f"The intervals {both}, do not overlap: seeds alone hardly explain the difference{others}."


def _reach(metric: str, mean: Mean) -> str:
    return shown_interval(metric, mean) if mean.interval else f"{shown_metric(metric, mean.mean)} with every seed"


def _overlaps(one: Mean, other: Mean) -> bool:
    (low, high), (lowest, highest) = one.interval or (one.mean, one.mean), other.interval or (other.mean, other.mean)
    return low <= highest and lowest <= high


def _winners_curse(objective: Objective, done: Sequence[Ranked]) -> str:
    end = "highest" if objective.direction == "maximize" else "lowest"
    return (
        f"The best value is optimistic: it is the {end} of {plural(len(done), 'finished trial')} on the very images it "
        "was chosen by, and the best of many is partly luck. Fresh seeds, or the test images, will likely show less."
    )


def _tested(first: Ranked) -> Iterator[str]:
    tested = first.tested("accuracy")
    if tested is not None:
        yield (
            f"On the test images trial {first.trial.number} reaches an accuracy of {shown_mean('accuracy', tested)} "
            f"({taken_over(tested)}). This was not ranked by; whoever picks trials by it loses what it is worth."
        )


def _is_at_the_end(axis: Axis, first: Ranked) -> bool:
    listed = axis.listed
    if not scales.is_numeric(axis) or (listed and len(listed) < 3):
        return False
    (share,) = fraction(axis, [first.trial.values[axis.path]])
    return not EDGE < share < 1 - EDGE


def _at_the_end(axis: Axis, first: Ranked) -> str:
    value = label(shown_value(first.trial.values[axis.path]))
    return f"The best {axis.path}, {value}, lies at the end of what was tried: better ones may lie beyond."


def _about_front(results: SweepResults, done: Sequence[Ranked]) -> Iterator[str]:
    front = sum(one.rank == 1 for one in done)
    aims = " and ".join(objective.metric for objective in results.sweep.objectives)
    yield (
        f"{front} of {plural(len(done), 'finished trial')} {'is' if front == 1 else 'are'} on the Pareto front of "
        f"{aims}: which of them is best is a choice, not a result. The one listed first has the best "
        f"{results.sweep.objectives[0].metric}."
    )
    if done[0].means[results.sweep.objectives[0].metric].runs == 1:
        yield _without_interval(done)
    else:
        yield "The front is that of the means: trials whose intervals reach across it may belong to it or not."
    if len(done) > 1:
        yield "Values on the front are optimistic: each was chosen as the best of many on the images it was chosen by."
    yield from _tested(done[0])


def _about_the_rest(results: SweepResults, done: Sequence[Ranked]) -> Iterator[str]:
    states = [trial.state for trial in results.trials]
    if pruned := states.count("pruned"):
        was = "was stopped early and is" if pruned == 1 else "were stopped early and are"
        yield f"{plural(pruned, 'trial')} {was} not ranked: what more epochs would have given is not known."
    if failed := states.count("failed"):
        yield f"{plural(failed, 'trial')} failed and {'is' if failed == 1 else 'are'} not ranked."
    if done and results.state != "done":
        yield "The sweep is not finished: what has not run yet may change ranks and conclusions."

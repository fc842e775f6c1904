"""The points that a search proposes: those of its plan, or what its sampler makes of the trials so far."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from cnnbench.seeds import Stream, generator, words
from cnnbench.sweep.define.space import points, size_of, untried
from cnnbench.sweep.define.sweep import Sweep, Values
from cnnbench.sweep.run.ahead import Crowd
from cnnbench.sweep.run.study import distributions

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler

DRAWS = 1000  # that repeat others, in a row, until a random search picks from what is left
ASKED = 10  # times that a sampler repeats trials until the same is done for it

Attributes = Mapping[str, Any]  # what a sampler notes about a trial, for later


def planned(sweep: Sweep) -> Iterator[Values]:
    """Yield the points of a sweep that learns nothing by label, in order; drawn ones end with their space.

    Draws depend on the seed and their number alone, so that a sweep that is run again draws the same ones.
    """
    yield from _drawn(sweep) if sweep.search.draws else points(sweep)


def _drawn(sweep: Sweep) -> Iterator[Values]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study, space = optuna.create_study(sampler=_sampler(sweep, sweep.seed)), distributions(sweep)
    drawn: dict[str, Values] = {}
    repeated = 0
    while True:
        values: Values | None = _on_their_steps(sweep, study.ask(fixed_distributions=space).params)
        if repeated >= DRAWS:
            values = untried(sweep.space, drawn.values(), generator(Stream.UNTRIED, sweep.seed, len(drawn)))
        if values is None:
            return
        key = json.dumps(values, sort_keys=True)
        repeated = repeated + 1 if key in drawn else 0
        if not repeated:
            drawn[key] = values
            yield values


def proposed(
    study: Study, sweep: Sweep, attempt: int, tried: Iterable[Values], crowd: Crowd
) -> tuple[Values | None, Attributes]:
    """Return the sampler's next point, which may repeat a trial, and what it notes about it.

    It follows from the search's seed, the trials, how often it has repeated one since the last, and in a crowd from who
    asks. A sampler that repeats trials again and again gets a point at random of those that are not among `tried`, None
    where there is none left. It is asked beside the study, which so holds no trial that is not run.
    """
    import optuna

    trials = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name != "WAITING"]
    at = (len(trials), *([apart] if (apart := crowd.place(len(trials))) else []))
    if attempt >= ASKED and size_of(sweep.space) is not None:
        return untried(sweep.space, tried, generator(Stream.UNTRIED, sweep.seed, *at)), {}
    beside = optuna.create_study(
        study_name=study.study_name,  # which decides a trial's bracket of hyperband, as its number does
        directions=study.directions,
        sampler=sampler(sweep, len(trials), attempt, apart),
        pruner=study.pruner,
    )
    beside.add_trials(trials)
    asked = beside.ask(fixed_distributions=distributions(sweep))
    return _on_their_steps(sweep, asked.params), asked.storage.get_trial_system_attrs(asked._trial_id)


def sampler(sweep: Sweep, number: int, attempt: int = 0, apart: int = 0) -> BaseSampler:
    """Return what proposes trial `number`; it follows from the search's seed and the trials before it.

    `apart` tells machines from each other that would propose the same in the same moment.
    """
    at = (number, attempt, apart) if apart else (number, attempt) if attempt else (number,)
    return _sampler(sweep, int(words(1, Stream.PROPOSALS, sweep.seed, *at)[0]))


def _sampler(sweep: Sweep, seed: int) -> BaseSampler:
    made: BaseSampler = resolve_name(sweep.search.sampler)(seed=seed)
    return made


def _on_their_steps(sweep: Sweep, values: Values) -> Values:
    return {axis.path: axis.on_its_step(values[axis.path]) for axis in sweep.space}

"""The story of a profile: what is measured in which order, and what of the time each part may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.machine.runtime import KERAS, Backend
from cnnbench.profiling import rates, sizes, threads
from cnnbench.profiling.begin import begin
from cnnbench.profiling.clock import Spread, in_turns
from cnnbench.profiling.found import Profile, Suggestion
from cnnbench.profiling.subject import Subject

if TYPE_CHECKING:
    from cnnbench.profiling.keras_subject import KerasSubject

Show = Callable[[str], None]
POLICIES = ("float32", "mixed_bfloat16")


def profile(
    config: Config, backend: Backend | None, *, seconds: float, learning_rates: bool, offline: bool, show: Show
) -> Profile:
    """Return what was found within so many seconds, which count once data and training are prepared.

    What there is no time for is left out and named. With `learning_rates` it is a range test alone. Raises ConfigError
    for what is not trained in steps.
    """
    subject = begin(config, backend, offline=offline, show=show)
    began = time.monotonic()
    end = began + seconds
    found = Profile(config.name, subject.about, subject.config.train.batch_size)
    if learning_rates:
        _rates(subject, found, end, show)
    else:
        _steps(subject, found, end, show)
    found.seconds = time.monotonic() - began
    return found


def _steps(subject: Subject, found: Profile, end: float, show: Show) -> None:
    """Fill in where the time of a step goes and what would be faster."""

    def until(share: float) -> float:
        now = time.monotonic()
        return now + share * max(0.0, end - now)

    show("timing the parts of a step")
    found.parts = subject.told(in_turns(subject.parts(), until(0.3)))
    show("timing batch sizes")
    found.sizes, too_large = sizes.by_size(subject, until(0.35))
    found.fits = sizes.fitting(found.sizes, found.batch_size, too_large)
    _add(found, sizes.larger_or_smaller(found.sizes, found.batch_size))
    if subject.about.get("learner") == "numpy":
        found.notes.append("layers, precision and threads: not of a network in plain NumPy")
    else:
        _keras(subject, found, until, end, show)
    for name in ("parts", "sizes"):
        if not getattr(found, name):
            found.notes.append(f"{name}: there was no time for it (--seconds)")


def _keras(subject: Subject, found: Profile, until: Callable[[float], float], end: float, show: Show) -> None:
    from cnnbench.profiling.keras_subject import KerasSubject

    assert isinstance(subject, KerasSubject)
    show("timing float32 against bfloat16")
    found.precisions = _precisions(subject, until(0.35))
    _add(found, _precision(found, subject.config.train.precision))
    if not found.precisions:
        found.notes.append("precision: there was no time for it (--seconds)")
    show("timing layers")
    layers = subject.layers()
    times = in_turns({name: work for name, _, work in layers}, until(0.45))
    found.layers = [(name, kind, times[name]) for name, kind, _ in layers if name in times]
    if len(times) < len(layers):
        found.notes.append(f"layers: there was time for {len(times)} of {len(layers)} (--seconds)")
    if not subject.is_tensorflow:
        found.notes.append(f"threads: {subject.about['backend']} has no number of them to choose here")
        return
    show("timing numbers of threads")
    found.threads = threads.by_threads(subject.config, str(subject.about["backend"]), end)
    if not found.threads:
        found.notes.append("threads: there was no time for it: each number needs a process of its own (--seconds)")
    _add(found, threads.fewer_or_more(found.threads, subject.config.train.threads))


def _precisions(subject: KerasSubject, deadline: float) -> dict[str, Spread]:
    """Return the seconds of a step in each precision, {} where there was time for one of them alone."""
    size, own = subject.config.train.batch_size, subject.config.train.precision
    models = {policy: subject.model if policy == own else subject.compiled(policy) for policy in POLICIES}
    found = in_turns({policy: subject.step_of(model, size) for policy, model in models.items()}, deadline)
    return found if len(found) == len(POLICIES) else {}


def _precision(found: Profile, configured: str) -> Suggestion | None:
    other = next((policy for policy in POLICIES if policy != configured), None)
    if other is None or configured not in found.precisions or other not in found.precisions:
        return None
    ours, theirs = found.precisions[other], found.precisions[configured]
    if not ours.is_below(theirs):
        return None
    return Suggestion(f"train.precision={other}", f"{theirs.median / ours.median:.2f} times the speed of {configured}")


def _rates(subject: Subject, found: Profile, end: float, show: Show) -> None:
    if subject.about.get("backend") not in KERAS:
        raise ConfigError("--learning-rates: the range test is made with Keras; found train.backend: numpy")
    from cnnbench.profiling.keras_subject import KerasSubject

    assert isinstance(subject, KerasSubject)
    show("raising the learning rate")
    trainings = rates.Trainings(subject)
    now = time.monotonic()
    found.ramps = rates.ramps(trainings, now + 0.4 * (end - now))
    rate = rates.suggested(list(found.ramps))
    configured = float(subject.config.train.optimizer.arguments["learning_rate"])
    if rate is None:
        found.notes.append(
            "the loss never fell" if found.ramps else "there was no time for a range test of 100 steps (--seconds)"
        )
        return
    if rate == configured:
        found.notes.append(f"the loss fell fastest at {rate:g}, which is the configured rate")
        return
    show(f"comparing {rate:g} with {configured:g}")
    found.rates = rates.duel(trainings, [configured, rate], end)
    _add(found, rates.other_rate(dict(found.rates), rate, configured))
    if not found.suggestions:
        found.notes.append(
            f"the loss fell fastest at {rate:g}; it is no suggestion, for short trainings at it were not measurably"
            f" better than at {configured:g}"
        )


def _add(found: Profile, suggestion: Suggestion | None) -> None:
    if suggestion is not None:
        found.suggestions.append(suggestion)

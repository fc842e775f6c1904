"""A process that trains along while another one writes the run."""

from __future__ import annotations

from typing import NoReturn

from cnnbench.errors import FollowedRun, InterruptedRun
from cnnbench.learners.learner import Learner
from cnnbench.machine.interrupt import stop_on_signals
from cnnbench.training.course import Course
from cnnbench.training.observer import Observer


def follow(learner: Learner, observer: Observer) -> NoReturn:
    """Train along with the chief and write nothing; always raises, FollowedRun where all went well."""
    with stop_on_signals() as stop:
        learner.build()
        fitted = learner.fit(Course(observer, stop))
    ended = f"{fitted.reason} after {len(fitted.history)} finished epoch(s); worker 0 writes the run"
    raise InterruptedRun(ended) if stop.signal_name else FollowedRun(ended)

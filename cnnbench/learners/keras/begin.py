"""Keras comes up on the backend that is asked for, before anything that needs it is imported."""

from __future__ import annotations

from cnnbench.learners.learner import Learner, Task
from cnnbench.machine import runtime


def begin(task: Task) -> Learner:
    """Start Keras and return a learner that suits the task; see `learner_of`."""
    task.show("starting Keras")
    backend = runtime.start(task.backend, task.config.train.threads)
    from cnnbench.learners.keras.learner import prepared

    return prepared(task, backend)

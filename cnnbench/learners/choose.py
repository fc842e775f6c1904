"""Which learner a configuration asks for, and which one has saved a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cnnbench.learners.estimator import begin as estimator
from cnnbench.learners.keras import begin as keras
from cnnbench.learners.learner import Learner, Task, Trained
from cnnbench.learners.numpy import learner as plain
from cnnbench.learners.numpy import trained as plain_trained
from cnnbench.machine.runtime import Backend


def learner_of(task: Task) -> Learner:
    """Return what learns the task; only what that needs is imported.

    Raises ConfigError where the data do not suit network, augmentation or training, TrainingError where this machine's
    memory does not.
    """
    if task.config.model.estimator is not None:
        return estimator.begin(task)
    return plain.begin(task) if task.backend == "numpy" else keras.begin(task)


def load(path: Path, backend: Backend | None = None, show: Callable[[str], None] = lambda _: None) -> Trained:
    """Return what was saved at `path`, by the learner whose files end like it; `show` is told what takes a while.

    Raises DataError where it cannot be read, ConfigError where it is not asked on the backend that is wanted.
    """
    return _LOADERS.get(path.suffix, keras.load)(path, backend, show)


_LOADERS: Mapping[str, Callable[[Path, Backend | None, Callable[[str], None]], Trained]] = {
    ".keras": keras.load,
    ".skops": estimator.load,
    plain.PlainLearner.suffix: plain_trained.load,
}

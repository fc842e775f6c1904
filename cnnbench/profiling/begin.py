"""From a configuration to a training that can be taken step by step."""

from __future__ import annotations

from collections.abc import Callable

from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.errors import ConfigError
from cnnbench.learners.choose import learner_of
from cnnbench.learners.learner import Task
from cnnbench.learners.numpy.learner import PlainLearner
from cnnbench.machine.runtime import Backend
from cnnbench.profiling.numpy_subject import NumpySubject
from cnnbench.profiling.subject import Subject


def begin(config: Config, backend: Backend | None, *, offline: bool, show: Callable[[str], None]) -> Subject:
    """Read the data and prepare the training; raises ConfigError for what is not trained in steps, DataError."""
    if config.model.estimator is not None:
        [name] = config.model.estimator
        raise ConfigError(f"model.estimator: {name} is fitted as a whole by scikit-learn: it has no steps to profile")
    show(f"reading {config.data.source}")
    dataset = load_dataset(config, offline=offline)
    learner = learner_of(
        Task(
            config=config,
            dataset=dataset,
            backend=backend or config.train.backend,
            measure=False,
            command=None,
            show=show,
            offline=offline,
        )
    )
    if isinstance(learner, PlainLearner):
        return NumpySubject(learner)
    from cnnbench.learners.keras.learner import KerasLearner
    from cnnbench.profiling.keras_subject import KerasSubject

    assert isinstance(learner, KerasLearner)
    return KerasSubject(learner)

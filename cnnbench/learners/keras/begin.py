"""Keras comes up on the backend that is asked for, before anything that needs it is imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cnnbench.config.load import load_run_config
from cnnbench.errors import ConfigError
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.learners.learner import Learner, Task, Trained
from cnnbench.machine import runtime
from cnnbench.model.archive import load_model
from cnnbench.model.rebuilt import rebuilt

CONFIG = "config.yaml"  # beside the network in a run folder


def begin(task: Task) -> Learner:
    """Start Keras and return a learner that suits the task; see `learner_of`."""
    task.show("starting Keras")
    backend = runtime.start(task.backend, task.config.train.threads)
    from cnnbench.learners.keras.learner import prepared

    return prepared(task, backend)


def load(path: Path, backend: runtime.Backend | None, show: Callable[[str], None]) -> Trained:
    """Start Keras and return a saved network, of a run folder as its configuration describes it; see `choose.load`."""
    if backend == "numpy":
        raise ConfigError(
            f"--backend numpy: {path} is a network of Keras'; allowed here are {', '.join(runtime.KERAS)}"
        )
    show("starting Keras")
    runtime.start(backend)
    show("loading the model")
    config = path.with_name(CONFIG)
    return TrainedNetwork(rebuilt(path, load_run_config(config)) if config.is_file() else load_model(path))

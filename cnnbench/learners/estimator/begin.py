"""An estimator is made ready, or read back, without Keras."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from cnnbench.catalogue.values import dotted
from cnnbench.config.estimator import estimator_mistakes, estimator_of, steps_of
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.learners.learner import Learner, Task, Trained
from cnnbench.machine.runtime import Backend

NEEDS = {  # by what is named in the file: the module, the package that has it, and the extra that brings it
    "hog": ("skimage", "scikit-image", "hog"),
    "FuzzyCMeans": ("skfuzzy", "scikit-fuzzy", "fuzzy"),
}


def begin(task: Task) -> Learner:
    """Return a learner that suits the task; see `learner_of`."""
    _refuse_backend(task.backend)
    _refuse_unsuited(task)
    task.show("starting scikit-learn")
    from cnnbench.learners.estimator.learner import prepared

    return prepared(task)


def load(path: Path, backend: Backend | None, show: Callable[[str], None]) -> Trained:
    """Return the estimator saved at `path`; see `choose.load`."""
    _refuse_backend(backend)
    show("loading the model")
    from cnnbench.learners.estimator.archive import read
    from cnnbench.learners.estimator.trained import TrainedEstimator

    return TrainedEstimator(read(path))


def _refuse_backend(backend: Backend | None) -> None:
    if backend is not None:
        raise ConfigError(f"--backend {backend}: has no effect with model.estimator, which scikit-learn computes")


def _refuse_unsuited(task: Task) -> None:
    """Raise ConfigError where the images, or what is installed, do not suit the estimator and its features."""
    mistakes = [f"{dotted(path)}: {said}" for path, said in estimator_mistakes(task.config, task.dataset.input_shape)]
    if lines := [*mistakes, *_absent(task.config)]:
        raise ConfigError(*lines)


def _absent(config: Config) -> list[str]:
    named = [estimator_of(config.model)[0], *(name for name, _ in steps_of(config.model))]
    needed = [(name, *NEEDS[name]) for name in named if name in NEEDS]
    return [
        f"{name} needs {package}, which is not installed; pip install 'cnnbench[{extra}]' brings it"
        for name, module, package, extra in needed
        if find_spec(module) is None
    ]

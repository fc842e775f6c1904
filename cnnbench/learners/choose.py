"""Which learner a configuration asks for, and which one has saved a file."""

from __future__ import annotations

from pathlib import Path

from cnnbench.learners.keras.begin import begin
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.learners.learner import Learner, Task, Trained
from cnnbench.model.archive import load_model


def learner_of(task: Task) -> Learner:
    """Return what learns the task: a network of layers is trained by Keras.

    Raises ConfigError where the data do not suit network, augmentation or training, TrainingError where this machine's
    memory does not.
    """
    return begin(task)


def load(path: Path) -> Trained:
    """Return what was saved at `path`; Keras has to be up. Raises DataError where it cannot be read."""
    return TrainedNetwork(load_model(path))

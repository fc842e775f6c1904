"""Which learner a configuration asks for."""

from __future__ import annotations

from cnnbench.learners.keras.begin import begin
from cnnbench.learners.learner import Learner, Task


def learner_of(task: Task) -> Learner:
    """Return what learns the task: a network of layers is trained by Keras.

    Raises ConfigError where the data do not suit network, augmentation or training, TrainingError where this machine's
    memory does not.
    """
    return begin(task)

"""A trained model of any learner as what can be explained."""

from __future__ import annotations

from cnnbench.explain.subjects.plain import PlainSubject
from cnnbench.explain.subjects.subject import Subject
from cnnbench.learners.keras.trained import TrainedNetwork
from cnnbench.learners.learner import Trained
from cnnbench.learners.numpy.trained import PlainTrained


def subject_of(trained: Trained) -> Subject:
    """Return what is asked of a trained model."""
    if isinstance(trained, PlainTrained):
        return PlainSubject(trained)
    if isinstance(trained, TrainedNetwork):
        from cnnbench.explain.subjects.keras_network import KerasSubject

        return KerasSubject(trained)
    from cnnbench.explain.subjects.estimator import EstimatorSubject

    return EstimatorSubject(trained)

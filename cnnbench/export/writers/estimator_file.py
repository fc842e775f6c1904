"""`.skops`: a fitted estimator of scikit-learn with its features, in a file that is read without running anything."""

from __future__ import annotations

from pathlib import Path

from cnnbench.export.network import Ask, Exportable

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError)


def write(source: Exportable, path: Path) -> None:
    """Write the file as a run has it."""
    from cnnbench.learners.estimator.archive import Saved
    from cnnbench.learners.estimator.archive import write as write_archive

    write_archive(Saved(source.model, source.input_shape, len(source.class_names)), path)


def opened(path: Path) -> Ask:
    """Return what asks the estimator in the file."""
    from cnnbench.learners.estimator.archive import read
    from cnnbench.learners.estimator.trained import TrainedEstimator

    trained = TrainedEstimator(read(path))
    return trained.predict_images

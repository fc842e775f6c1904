"""An estimator of scikit-learn behind the protocol of learners: fitted in one go, so without epochs."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning  # noqa: TID253 - reached only where an estimator is asked for
from threadpoolctl import threadpool_limits

from cnnbench.config.schema import Config
from cnnbench.data.examples import Examples
from cnnbench.data.normalize import Normalization, measure
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import TrainingError, first_line
from cnnbench.learners.estimator.archive import Saved, trees_of, write
from cnnbench.learners.estimator.matched import Matched
from cnnbench.learners.estimator.pipeline import pipeline_of
from cnnbench.learners.estimator.trained import TrainedEstimator
from cnnbench.learners.learner import Task
from cnnbench.machine import cpu, runtime
from cnnbench.training.course import Course, Fitted

MOST_ASKED = 2_000  # training images whose accuracy is measured: neighbours take as long for them as for new ones


@dataclass
class EstimatorLearner:
    """See `Learner`."""

    suffix: ClassVar[str] = ".skops"
    config: Config
    dataset: Dataset
    normalization: Normalization
    environment: Mapping[str, Any]
    weights: Mapping[str, Any] | None = None
    examples: Examples | None = None
    notes: Sequence[str] = ()
    chief: bool = True
    _pipeline: Any = field(default=None, repr=False)

    @property
    def threads(self) -> int:
        """How many threads compute."""
        return self.config.train.threads or cpu.available_cores()

    @property
    def gives_probabilities(self) -> bool:
        """Whether the fitted estimator has probabilities."""
        return self._trained.gives_probabilities

    @property
    def _trained(self) -> TrainedEstimator:
        return TrainedEstimator(Saved(self._pipeline, self.dataset.input_shape, len(self.dataset.class_names)))

    def build(self) -> None:
        """Make the pipeline, not fitted yet."""
        self._pipeline = pipeline_of(self.config, self.normalization, self.threads)

    def describe(self) -> Mapping[str, Any]:
        """Return the shape of an image: it has no layers, and what it has of parameters shows when it is fitted."""
        return {"input_shape": list(self.dataset.input_shape)}

    def stages(self) -> Sequence[Mapping[str, Any]]:
        """Return none: all of it is fitted at once."""
        return []

    def fit(self, course: Course) -> Fitted:
        """Fit the pipeline to the training images; raises TrainingError where scikit-learn cannot."""
        name = self.config.model.title or ""
        if course.keep is not None and course.keep.resume:
            course.keep.clear()
        course.stop.act_at_once()  # it is fitted in one call, which looks at nothing else
        course.observer.on_stage(f"fitting {name}")
        began = time.perf_counter()
        told = self._fit(name)
        seconds = time.perf_counter() - began
        course.observer.on_stage("asking it about training images")
        return Fitted(
            history=[],
            best_epoch=None,
            kept_epoch=None,
            monitor="",
            reason="fitted",
            kept="the fit",
            notes=[*told, *_told(self._pipeline)],
            measured={"seconds": seconds, "accuracy": self._accuracy()},
        )

    def _fit(self, name: str) -> Sequence[str]:
        """Fit, and return what scikit-learn warned of.

        OpenMP has one thread: several add up k-means' centres in an order that no seed decides.
        """
        train = self.dataset.train
        try:
            with (
                warnings.catch_warnings(record=True) as caught,
                threadpool_limits(self.threads),
                threadpool_limits(1, "openmp"),
            ):
                warnings.simplefilter("always")
                self._pipeline.fit(train.images(np.arange(len(train))), train.labels)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as e:
            raise TrainingError(f"{name} cannot be fitted: {first_line(e)}") from e
        unfinished = [one for one in caught if issubclass(one.category, ConvergenceWarning)]
        return list(dict.fromkeys(f"{name}: {' '.join(str(one.message).split())[:160]}" for one in unfinished))

    def _accuracy(self) -> float:
        """Return the accuracy on training images, on so many evenly out of all."""
        train = self.dataset.train
        some = train.pick(np.linspace(0, len(train) - 1, min(len(train), MOST_ASKED)).astype(np.int64))
        return float((self.predict(some).argmax(axis=1) == some.labels).mean())

    def predict(self, split: Split) -> NDArray[np.float32]:
        """Return what it says of every image of a split, shape (n, classes); see `Learner`."""
        with threadpool_limits(self.threads):
            try:
                return self._trained.predict_split(split)
            except ValueError as e:
                raise TrainingError(f"{self.config.model.title} cannot be asked: {first_line(e)}") from e

    def save(self, path: Any) -> None:
        """Write the pipeline with its preprocessing."""
        write(self._trained.saved, path)


def prepared(task: Task) -> EstimatorLearner:
    """Return a learner for a task that suits it."""
    config, dataset = task.config, task.dataset
    environment = runtime.describe(None, "float32 features", config.train.threads, task.command, "scikit-learn")
    return EstimatorLearner(config, dataset, measure(config.data.normalize, dataset.train), environment)


def _told(pipeline: Any) -> list[str]:
    """Return what there is to say of a fitted pipeline: how large it has become, which clusters stand for what."""
    last = pipeline[-1]
    if isinstance(last, Matched):
        return [last.told()]
    told = [f"{len(last.support_):,} of the training images are support vectors"] if hasattr(last, "support_") else []
    trees = trees_of(last)
    if len(trees) == 1:
        told.append(f"the tree is {trees[0].max_depth} deep and has {trees[0].n_leaves:,} leaves")
    if trees[1:]:
        depths = [tree.max_depth for tree in trees]
        told.append(f"{len(trees):,} trees, {min(depths)} to {max(depths)} deep")
    return told

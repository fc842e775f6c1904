"""A training in plain NumPy, whose steps are written out already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import TrainingBatches
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.learner import PlainLearner
from cnnbench.learners.numpy.losses import loss_of
from cnnbench.learners.numpy.optimizers import optimizer_of
from cnnbench.profiling import memory
from cnnbench.profiling.clock import Spread, Work
from cnnbench.profiling.subject import WHOLE

FORWARD, BOTH = "forward", "forward and backward"


class NumpySubject:
    """See `Subject`."""

    def __init__(self, learner: PlainLearner) -> None:
        self.config: Config = learner.config
        self.about: Mapping[str, Any] = learner.environment
        self.images = len(learner.dataset.train)
        self._dataset = learner.dataset
        config, classes = self.config, len(learner.dataset.class_names)
        nodes = network_of(config.model)
        self._network = build(nodes, learner.dataset.input_shape, classes, learner.normalization, config.seed)
        self._network.begin_epoch(config.seed, 0)
        rate = config.train.optimizer.arguments["learning_rate"]
        self._optimizer = optimizer_of(config.train.optimizer, lambda step: rate, self._network.weights)
        self._loss = loss_of(config.train.loss)

    def parts(self) -> Mapping[str, Work]:
        """Return what is timed of a step."""
        size = self.config.train.batch_size
        stream, (images, targets) = self._batches(size).raw(0), self._batch(size)
        network = self._network
        return {
            "input": lambda: next(stream),
            FORWARD: lambda: network.forward(images, True),
            BOTH: lambda: network.learn(images, targets, self._loss, None),
            WHOLE: self.step(size),
        }

    def told(self, times: Mapping[str, Spread]) -> Mapping[str, Spread]:
        """Return the parts of a step out of what was timed of it."""
        if not {FORWARD, BOTH, WHOLE} <= set(times):
            return times
        more = {"backward": times[BOTH].minus(times[FORWARD]), "update": times[WHOLE].minus(times[BOTH])}
        return {"input": times["input"], FORWARD: times[FORWARD], **more, WHOLE: times[WHOLE]}

    def layers(self) -> Sequence[tuple[str, str, Work]]:
        """Return nothing: a layer's step backwards needs the one forwards that was before it."""
        return []

    def step(self, batch_size: int) -> Work:
        """Return a training step of so many images."""
        images, targets = self._batch(batch_size)

        def work() -> None:
            self._network.learn(images, targets, self._loss, None)
            self._optimizer.apply(self._network.weights, self._network.gradients)

        return work

    def peak_bytes(self, work: Work) -> int | None:
        """Return the most memory that this process has while it works."""
        return memory.peak_bytes(work)

    def _batches(self, size: int) -> TrainingBatches:
        nothing = Augmenter([], self.config.seed)
        return TrainingBatches(self._dataset.train, len(self._dataset.class_names), size, self.config.seed, nothing)

    def _batch(self, size: int) -> tuple[Any, Any]:
        batches = self._batches(size)
        images, rows, _ = next(batches.raw(0))
        return np.asarray(images, np.float32), rows[:, : batches.classes]

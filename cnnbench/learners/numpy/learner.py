"""A network in plain NumPy: prepared for its data, then built, trained, asked and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cnnbench.catalogue.values import dotted
from cnnbench.config.network.naming import NORMALIZATION
from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.plain_network import beyond_numpy
from cnnbench.config.schema import Config
from cnnbench.data.examples import Examples
from cnnbench.data.normalize import Normalization, measure
from cnnbench.data.pipeline import class_weight_vector
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import ConfigError
from cnnbench.learners.learner import Learner, Task
from cnnbench.learners.numpy import file
from cnnbench.learners.numpy.build import build
from cnnbench.learners.numpy.fit import fit
from cnnbench.learners.numpy.network import Network
from cnnbench.learners.numpy.trained import PlainTrained
from cnnbench.machine import runtime
from cnnbench.model.memory import refuse_size
from cnnbench.training.course import Course, Fitted
from cnnbench.training.suited import copies_of_weights, refuse_training

PRECISION = "float32"
_BYTES = 4  # of a value
_MOVING = ("moving_mean", "moving_variance")  # kept of the batches and not learnt


@dataclass
class PlainLearner:
    """See `Learner`."""

    suffix: ClassVar[str] = ".npz"
    gives_probabilities: ClassVar[bool] = True
    config: Config
    dataset: Dataset
    normalization: Normalization
    environment: Mapping[str, Any]
    rows: Sequence[LayerShape]
    notes: Sequence[str] = (PRECISION,)
    chief: bool = True
    weights: Mapping[str, Any] | None = None
    examples: Examples | None = None
    _network: Network = field(init=False, repr=False)

    def build(self) -> None:
        """Build the network with the weights that the seed draws."""
        nodes, classes = network_of(self.config.model), len(self.dataset.class_names)
        self._network = build(nodes, self.dataset.input_shape, classes, self.normalization, self.config.seed)

    def describe(self) -> Mapping[str, Any]:
        """Count parameters and multiply-accumulates layer by layer."""
        moving = sum(value.size for name, value in self._network.state.items() if name.endswith(_MOVING))
        total = sum(row.parameters for row in self.rows)
        first = LayerShape(NORMALIZATION, "Rescaling", self.dataset.input_shape, 0, "")
        return {
            "parameters": {"total": total, "trainable": total - moving, "non_trainable": moving},
            "macs": sum(row.macs for row in self.rows),
            "layers": [_told(row) for row in (first, *self.rows)],
        }

    def stages(self) -> Sequence[Mapping[str, Any]]:
        """All of it is trained all the time."""
        return []

    def fit(self, course: Course) -> Fitted:
        """Train the network."""
        with self._threads():
            return fit(self._network, self.config, self.dataset, course)

    def predict(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes)."""
        with self._threads():
            return PlainTrained(self._network).predict_split(split)

    def save(self, path: Path) -> None:
        """Write the network with its preprocessing."""
        file.save(path, self._network, self.config.model)

    def _threads(self) -> AbstractContextManager[Any]:
        limits: AbstractContextManager[Any] = threadpool_limits(self.environment["threads"])
        return limits


def begin(task: Task) -> Learner:
    """Return a learner for a task that suits it; see `choose.learner_of`."""
    config, dataset = task.config, task.dataset
    if wrong := list(beyond_numpy(config)):
        raise ConfigError(*(f"{dotted(path)}: {message}" for path, message in wrong))
    rows = infer(network_of(config.model), dataset.input_shape, len(dataset.class_names))
    refuse_training(config, dataset)
    refuse_size(rows, copies_of_weights(config.train), config.train.batch_size)
    class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names)
    made = {"precision": PRECISION, "backend": "numpy"}
    config = config.model_copy(update={"train": config.train.model_copy(update=made)})
    threads = config.train.threads or 1  # products are small: threads wait for each other longer than they work
    environment = runtime.describe("numpy", PRECISION, threads, task.command, learner="numpy")
    return PlainLearner(config, dataset, measure(config.data.normalize, dataset.train), environment, rows)


def _told(row: LayerShape) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "output_shape": list(row.output_shape),
        "parameters": row.parameters,
        "macs": row.macs,
        "activation_bytes": _BYTES * prod(row.output_shape),
    }

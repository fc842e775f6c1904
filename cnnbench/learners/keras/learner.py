"""A Keras network: prepared for its data and this machine, then built, trained, asked and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.examples import Examples, augmentation_examples
from cnnbench.data.normalize import Normalization
from cnnbench.data.stores import MirroredStore
from cnnbench.data.types import Dataset, Split
from cnnbench.learners.keras.features import Extracted, extract
from cnnbench.learners.keras.first_weights import first_weights
from cnnbench.learners.keras.staged import told
from cnnbench.learners.keras.suited import refuse_unsuited
from cnnbench.learners.keras.trained import TrainedNetwork, answer_in_few_operations
from cnnbench.learners.learner import Task
from cnnbench.machine import runtime
from cnnbench.model.archive import save_model
from cnnbench.model.auxiliary import Head, with_heads
from cnnbench.model.builder import build_with_heads
from cnnbench.model.freezing import freeze
from cnnbench.model.policy import built_in
from cnnbench.model.summary import summarize
from cnnbench.model.weights.load import put
from cnnbench.model.weights.mapping import Values
from cnnbench.model.whitening import whiten
from cnnbench.seeds import seed_the_rest
from cnnbench.training.course import Course, Fitted
from cnnbench.training.distributed.team import Team, assemble
from cnnbench.training.fit import fit
from cnnbench.training.precision import choose
from cnnbench.training.stages import stages_of


@dataclass
class KerasLearner:
    """See `Learner`."""

    suffix: ClassVar[str] = ".keras"
    gives_probabilities: ClassVar[bool] = True
    config: Config
    dataset: Dataset
    normalization: Normalization
    team: Team
    environment: Mapping[str, Any]
    weights: Mapping[str, Any] | None = None
    values: Values | None = field(default=None, repr=False)
    examples: Examples | None = field(default=None, repr=False)
    _model: Any = field(default=None, repr=False)
    _heads: Sequence[Head] = field(default=(), repr=False)
    _extracted: Extracted | None = field(default=None, repr=False)

    @property
    def chief(self) -> bool:
        """Whether this process writes the run."""
        return self.team.chief

    @property
    def notes(self) -> Sequence[str]:
        """The precision and why, and who trains together."""
        return [self.environment["precision"], *self.team.notes]

    def build(self) -> None:
        """Build the network with its first weights, drawn or from elsewhere."""
        runtime.import_tensorflow()  # Keras looks for it to seed it, on every backend, and would let it speak
        seed_the_rest(self.config.seed)
        with built_in(self.config.train.precision):
            self._model, self._heads = network(self.config, self.dataset, self.normalization)
        answer_in_few_operations(self._model)
        whiten(self._model, self.dataset.train)
        if self.values is not None:
            put(self._model, self.values)
        freeze(self._model, stages_of(self.config)[0].frozen)

    def describe(self) -> Mapping[str, Any]:
        """Count parameters and multiply-accumulates layer by layer."""
        return summarize(self._model).as_dict()

    def stages(self) -> Sequence[Mapping[str, Any]]:
        """Count what learns in each stage of the training."""
        return told(self._model, self.config)

    def fit(self, course: Course) -> Fitted:
        """Train the network, only its head where the same features would come out of the rest in every epoch."""
        with built_in(self.config.train.precision):
            return self._fit(course)

    def _fit(self, course: Course) -> Fitted:
        found = extract(self._model, self.config, self.dataset, self.normalization, course)
        if found is None:
            trained = with_heads(self._model, self._heads)
            return fit(trained, self.config, self.dataset, self.team, course)
        self._extracted = found
        fitted = fit(found.head, found.config, found.dataset, self.team, course)
        return replace(fitted, notes=[*found.features.told, *fitted.notes])

    def predict(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes)."""
        if self._extracted is not None and not isinstance(split.store, MirroredStore):  # no features of these are kept
            return TrainedNetwork(self._extracted.head).predict_split(self._extracted.features_of(split))
        return TrainedNetwork(self._model).predict_split(split)

    def save(self, path: Path) -> None:
        """Write the network with its preprocessing."""
        save_model(self._model, path)


def prepared(task: Task, backend: runtime.Backend) -> KerasLearner:
    """Return a learner for a task that suits it, with the precision chosen; see `learner_of`."""
    config, dataset = task.config, task.dataset
    team = assemble(config, backend, task.show)
    refuse_unsuited(config, dataset, backend)
    team.refuse_unsuited(config, dataset)
    examples = augmentation_examples(config, dataset) if config.augment and len(dataset.train) else None
    first = first_weights(task)
    config, normalization = first.config, first.normalization
    task.show("choosing the precision")
    chosen = choose(
        config,
        dataset.input_shape,
        len(dataset.class_names),
        lambda: network(config, dataset, normalization)[0],
        measure=task.measure,
    )
    made = {"precision": chosen.policy, "backend": backend}
    config = config.model_copy(update={"train": config.train.model_copy(update=made)})
    note = f"{chosen.policy} ({chosen.reason})"
    environment = runtime.describe(backend, note, config.train.threads, task.command)
    return KerasLearner(config, dataset, normalization, team, environment, first.facts, first.values, examples)


def network(config: Config, dataset: Dataset, normalization: Normalization) -> tuple[Any, Sequence[Head]]:
    """Return the network of a configuration for the images of a data set, and its auxiliary heads."""
    nodes = network_of(config.model)
    name = config.model.name or config.name
    return build_with_heads(nodes, dataset.input_shape, len(dataset.class_names), normalization, config.seed, name)

"""The network that is trained, as a stage of its training needs it: what is frozen in it, and how it is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.config.schedules import ReduceLROnPlateau, Schedule
from cnnbench.config.schema import Train
from cnnbench.machine.runtime import has_gpu
from cnnbench.model.freezing import Strength, freeze, still, strengths_of
from cnnbench.training import checkpoint
from cnnbench.training.checkpoint import Arrays, Checkpoint
from cnnbench.training.compile import compile_model
from cnnbench.training.distributed.team import Team
from cnnbench.training.monitor import Row, lowered, plateau_rate
from cnnbench.training.pruning import prune
from cnnbench.training.stages import Stage


@dataclass
class Trainee:
    """A model in one of the stages of its training, None before the first; `steps` are those of an epoch."""

    model: Any
    train: Train
    team: Team
    steps: int
    stage: Stage | None = None
    strengths: Sequence[Strength] = field(init=False)

    def __post_init__(self) -> None:
        self.strengths = strengths_of(self.model)

    def begin(self, stage: Stage, history: Sequence[Row]) -> None:
        """Begin a stage after the epochs of `history`: the optimizer knows nothing of the gradients before.

        Where weights are averaged, the stage goes on from the averages, which are what the one before has brought.
        """
        if self.stage is not None:
            self.take_averages()
        self._prepare(stage)
        schedule = self.train.schedule
        if isinstance(schedule, ReduceLROnPlateau):
            self.model.optimizer.learning_rate = plateau_rate(history[stage.since :], schedule, stage.rate)
        if stage.sparsity is not None:
            prune(self.model, stage.sparsity)

    def recall(self, state: Checkpoint, path: Path, stage: Stage) -> None:
        """Bring all to where it was when `state` was kept, in `stage`; raises DataError where it does not fit."""
        if self.stage != stage:
            self._prepare(stage)
        checkpoint.restore(self.model, state, path, optimizer=True)

    def state(self) -> Arrays:
        """See `Trainable`."""
        return checkpoint.state_of(self.model)

    def weights_in(self, state: Arrays) -> Arrays:
        """See `Trainable`."""
        return checkpoint.weights_in(state, self.model)

    def lower_rate(self, factor: float, schedule: Schedule | None) -> None:
        """See `Trainable`."""
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.model.optimizer.learning_rate = lowered(rate, factor, schedule)

    def take_averages(self) -> None:
        """Put the moving averages of the weights in their place, where there are any."""
        averages = checkpoint.averaged_weights(self.model)
        for variable in self.model.trainable_variables:
            if variable.path in averages:
                variable.assign(averages[variable.path])

    def thaw(self) -> None:
        """Leave nothing frozen: what is saved is the network as it was described."""
        freeze(self.model, ())
        still(self.strengths, ())

    def _prepare(self, stage: Stage) -> None:
        freeze(self.model, stage.frozen)
        still(self.strengths, stage.frozen)
        self.team.compile(self.model, lambda model: self._compile(model, stage))
        self.stage = stage

    def _compile(self, model: Any, stage: Stage) -> None:
        compile_model(model, self.train, self.steps, has_gpu(keras.backend.backend()), stage)
        model.optimizer.build(model.trainable_variables)

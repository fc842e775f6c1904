"""A network with its optimizer, as training keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnbench.config.schedules import Schedule
from cnnbench.learners.numpy.layer import Array
from cnnbench.learners.numpy.network import Network
from cnnbench.learners.numpy.optimizers import Optimizer
from cnnbench.training import checkpoint
from cnnbench.training.monitor import Row, lowered


@dataclass
class Trainee:
    """A network and its optimizer; see `Trainable`."""

    network: Network
    optimizer: Optimizer

    def state(self) -> dict[str, Array]:
        """Return everything a resumed training needs."""
        return {**self.network.state, **self._optimizer_state()}

    def weights_in(self, state: dict[str, Array]) -> dict[str, Array]:
        """Return the weights to evaluate with."""
        return {name: state[name] for name in self.network.state}

    def lower_rate(self, factor: float, schedule: Schedule | None) -> None:
        """Multiply the learning rate."""
        rate = lowered(self.optimizer.rate(0), factor, schedule)
        self.optimizer.rate = lambda step: rate

    def take_rate(self, rate: float | None) -> None:
        """Go on with a learning rate; None leaves it as it is."""
        if rate is not None:
            self.optimizer.rate = lambda step: rate

    def recall(self, path: Path, *, optimizer: bool) -> list[Row]:
        """Bring all to where it was when `path` was written, and return its history; raises DataError."""
        state = checkpoint.load(path)
        kept = self.state() if optimizer else self.network.state
        values = {name: checkpoint.fitting(state, path, name, value.shape) for name, value in kept.items()}
        self.network.put(values)
        if optimizer:
            self.optimizer.step = int(values["optimizer/step"])
            for slot, of_weights in self.optimizer.slots.items():
                for name in of_weights:
                    of_weights[name] = values[f"optimizer/{slot}/{name}"]
        return state.history

    def _optimizer_state(self) -> dict[str, Array]:
        slots = self.optimizer.slots.items()
        kept = {f"optimizer/{slot}/{name}": value for slot, each in slots for name, value in each.items()}
        return {**kept, "optimizer/step": np.array(self.optimizer.step)}

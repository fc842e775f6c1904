"""What happens between steps and between epochs of `model.fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras  # noqa: TID253 - defines a Keras callback; reached only once Keras is up

from cnnbench.seeds import Stream, generators_of, states
from cnnbench.training.budget import Budget
from cnnbench.training.monitor import Row, row_of
from cnnbench.training.watch import Watch


class OneBehind(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras ships no types
    """Callbacks that are told of a step when the next one has been handed to a GPU, and of an epoch's last at once.

    Keras fetches the loss for them, which is to wait for the step: a GPU would be idle for as long as Python takes
    between two of them.
    """

    def __init__(self, callbacks: Sequence[Any], model: Any, *, epochs: int, steps: int) -> None:
        super().__init__([*callbacks], add_history=True, model=model, verbose=0, epochs=epochs, steps=steps)
        self._steps = steps
        self._untold: tuple[int, Any] | None = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell of the step before, and of this one where none comes after it."""
        self._tell()
        self._untold = batch, logs
        if batch + 1 == self._steps or self.model.stop_training:
            self._tell()

    def _tell(self) -> None:
        step, self._untold = self._untold, None
        if step is not None:
            super().on_train_batch_end(*step)


class ReseedEachEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Set dropout's random states from (seed, epoch) when an epoch begins."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Write the states of `epoch`."""
        generators = generators_of(self.model)
        drawn = states(len(generators), Stream.RANDOM_LAYERS, self._seed, epoch)
        for generator, state in zip(generators, drawn, strict=True):
            generator.state.assign(state)


class KeepToBudget(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Move the learning rate over a budget of time, and end an epoch when its validation is all there is time for."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start an epoch with the rate that is due."""
        self._budget.begin(epoch)
        self._take(self._budget.rate)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the clock."""
        before = self._budget.rate
        self._budget.after_step()
        if self._budget.rate != before:
            self._take(self._budget.rate)
        if self._budget.is_over:
            self.model.stop_training = True  # Keras ends the epoch here and validates

    def _take(self, rate: float | None) -> None:
        if rate is None:
            return
        if keras.backend.backend() == "jax":  # which keeps variables in a state of its own between steps
            self.model.jax_state_sync()
        self.model.optimizer.learning_rate = rate


class WatchSteps(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Tell `watch` of epochs and steps, and add learning rate and speed to an epoch's logs."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's clock and note its learning rate."""
        self._watch.begin(epoch, float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss, the signal and the clock."""
        self._watch.after_step(batch + 1, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add to the logs, before the callback that writes them down."""
        assert logs is not None
        logs |= self._watch.end(logs.get("val_accuracy"))


class KeepEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Hand each finished epoch's row on: to the checkpoint, the history file and the observer."""

    def __init__(self, keep: Callable[[Any, Row], bool]) -> None:
        super().__init__()
        self._keep = keep

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the row down and stop where `keep` says so."""
        assert logs is not None
        if self._keep(self.model, row_of(epoch, logs)):
            self.model.stop_training = True

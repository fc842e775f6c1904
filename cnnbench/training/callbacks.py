"""What happens between steps and between epochs of `model.fit`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253 - defines a Keras callback; reached only once Keras is up

from cnnbench.errors import TrainingError
from cnnbench.machine.interrupt import StopRequest
from cnnbench.numbers import shortest
from cnnbench.seeds import Stream, generators_of, states
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer, Progress
from cnnbench.training.rates import Rates


class Halt(Exception):
    """Training ends in the middle of an epoch, which is then left out of the result."""


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


class WatchSteps(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Stop on a loss that is not finite, on a signal and on the time limit; tell the observer how far it is."""

    def __init__(
        self,
        *,
        images: int,
        batch_size: int,
        epochs: int,
        observer: Observer,
        stop: StopRequest,
        deadline: float | None,
        agree: Callable[[StopRequest, bool], bool],
        rates: Rates | None,
    ) -> None:
        super().__init__()
        self._images, self._batch_size, self._epochs = images, batch_size, epochs
        self._steps = -(-images // batch_size)
        self._observer, self._stop, self._deadline, self._agree = observer, stop, deadline, agree
        self._rates = rates
        self._epoch_seconds: list[float] = []
        self._val_accuracy: float | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's clock and note its learning rate."""
        self._rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self._epoch, self._began, self._last_step = epoch, time.perf_counter(), time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss, the signal and the clock."""
        loss = float(logs["loss"])
        if not math.isfinite(loss):
            raise TrainingError(
                f"epoch {self._epoch + 1}, step {batch + 1}: the loss is {loss}; a lower train.optimizer.learning_rate "
                "or a clipnorm keeps it finite"
            )
        self._last_step = time.perf_counter()
        self._observer.on_step(self._progress(batch + 1, logs))
        late = self._agree(self._stop, self._deadline is not None and time.monotonic() > self._deadline)
        if self._stop.signal_name:
            raise Halt(f"interrupted by {self._stop.signal_name}")
        if late:
            raise Halt("time limit")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add learning rate and speed to the logs, before the callback that writes them down."""
        assert logs is not None
        self._val_accuracy = logs.get("val_accuracy")
        self._epoch_seconds.append(time.perf_counter() - self._began)
        logs["learning_rate"] = self._rate
        logs["seconds"] = self._epoch_seconds[-1]
        logs["images_per_second"] = self._images / (self._last_step - self._began)

    def progress_at_end(self, row: Row) -> Progress:
        """Return where the training is after an epoch."""
        return self._progress(self._steps, row)

    def _progress(self, step: int, logs: Any) -> Progress:
        elapsed = max(1e-9, self._last_step - self._began)
        seen = min(step * self._batch_size, self._images)
        return Progress(
            epoch=self._epoch + 1,
            epochs=self._epochs,
            step=step,
            steps=self._steps,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_accuracy=self._val_accuracy,
            learning_rate=self._rate_at(step),
            images_per_second=seen / elapsed,
            seconds_left=self._left(elapsed, step),
        )

    def _rate_at(self, step: int) -> float:
        return self._rate if self._rates is None else self._rates.at(self._epoch * self._steps + step - 1)

    def _left(self, elapsed: float, step: int) -> float:
        """Estimate from the last epoch, or from this one's steps while there is none (start-up makes that long)."""
        epochs_left = self._epochs - self._epoch - step / self._steps
        whole = self._epoch_seconds[-1] if self._epoch_seconds else elapsed * self._steps / step
        return max(0.0, epochs_left * whole)


class KeepEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Hand each finished epoch's row on: to the checkpoint, the history file and the observer."""

    def __init__(self, keep: Callable[[Any, Row], bool]) -> None:
        super().__init__()
        self._keep = keep

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the row down and stop where `keep` says so."""
        assert logs is not None
        row = {name: shortest(float(value)) for name, value in logs.items()}
        if self._keep(self.model, {"epoch": epoch + 1, **row}):
            self.model.stop_training = True

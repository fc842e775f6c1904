"""A team of replicas of the network, in one process or in several: who computes which part of a batch."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras  # noqa: TID253 - reached only when TensorFlow is the backend and training is distributed
import numpy as np
import tensorflow as tf  # noqa: TID253

from cnnbench.config.schema import Config
from cnnbench.data.pipeline import AHEAD, Batch, Failure, TrainingBatches, evaluation_batch_size, one_hot
from cnnbench.data.tensorflow_pipeline import dataset_of, training_dataset
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import ConfigError, TrainingError, first_line
from cnnbench.machine.interrupt import SIGNALS, StopRequest
from cnnbench.training import checkpoint
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.distributed.replicated import EqualStatistics, OwnRandomness, Replicated
from cnnbench.training.watch import alone

LOST = (  # what a collective operation ends with where its other end is gone
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnknownError,
)


class Replicas:
    """A team of replicas under one strategy; `worker` counts processes from 0, the chief."""

    def __init__(self, strategy: Any, *, worker: int, workers: int, note: str) -> None:
        self.chief = worker == 0
        self.notes: Sequence[str] = (note,)
        self._strategy, self._workers = strategy, workers
        self._count: int = strategy.num_replicas_in_sync
        here = self._count // workers
        self._here = range(worker * here, (worker + 1) * here)

    def refuse_unsuited(self, config: Config, dataset: Dataset) -> None:
        """Raise ConfigError where a replica would be left without an image in some step."""
        size, replicas = config.train.batch_size, f"{self._count} replicas"
        if size < self._count:
            raise ConfigError(f"train.batch_size: {size} is shared by {replicas}; expected at least {self._count}")
        if 0 < (rest := len(dataset.train) % size) < self._count:
            raise ConfigError(
                f"train.batch_size: {size} leaves {rest} of {len(dataset.train)} images for the last step of an epoch, "
                f"too few for {replicas}; another batch size does not"
            )
        if dataset.validation is not None and len(dataset.validation) < self._count:
            raise ConfigError(f"data.validation: {len(dataset.validation)} image(s) are too few for {replicas}")

    @contextmanager
    def losses_told(self) -> Iterator[None]:
        """Raise TrainingError where another worker is gone: at once when its process ended, else within seconds."""
        try:
            yield
        except LOST as e:
            if self._workers == 1:
                raise
            said = first_line(e).rpartition("}} ")[2]  # behind the name that TensorFlow gives the operation
            raise TrainingError(
                f"train.distribute: another worker is gone ({type(e).__name__}: {said}); all end, and --resume on the "
                "chief goes on from the last epoch"
            ) from e

    def replica_of(self, model: Any) -> Any:
        """Return a copy of the model on every replica."""
        with self._strategy.scope():
            copy = keras.models.clone_model(model)
            trained = Replicated(copy.inputs, copy.outputs, name=model.name)
            trained.set_weights(model.get_weights())
        return trained

    def compile(self, trained: Any, compile_model: Callable[[Any], None]) -> None:
        """Compile it under the strategy, with an optimizer on every replica."""
        images, labels = np.zeros((1, *trained.input_shape[1:]), np.float32), np.zeros((1, trained.output_shape[-1]))
        with self._strategy.scope():
            compile_model(trained)
            trained._symbolic_build(data_batch=(images, labels))  # Keras makes the metrics' variables in there

    def hand_back(self, trained: Any, model: Any) -> None:
        """Copy the weights to the single model, which is tested and saved."""
        model.set_weights(trained.get_weights())

    def training(self, batches: TrainingBatches, first_epoch: int, failure: Failure) -> Any:
        """Return each replica's part of every batch.

        A worker makes whole batches and keeps its part: augmentation then draws what it draws on one device.
        """
        whole = training_dataset(batches, first_epoch, failure)
        return self._distributed(whole.flat_map(self._parts))

    def validation(self, split: Split, classes: int, failure: Failure) -> tuple[Any, int]:
        """Return each replica's part of the split, over and over, in steps that leave none without an image."""
        steps = max(1, len(split) // (evaluation_batch_size(split.store.shape) * self._count))
        parts = np.array_split(np.arange(len(split)), steps * self._count)
        mine = [part for i, part in enumerate(parts) if i % self._count in self._here]

        def batch(number: int) -> Batch:
            at = mine[number]
            return split.images(at).astype(np.float32), one_hot(split.labels[at], classes)

        signature = (
            tf.TensorSpec((None, *split.store.shape), tf.float32),
            tf.TensorSpec((None, classes), tf.float32),
        )
        return self._distributed(dataset_of(failure.noted(batch), range(len(mine)), signature).repeat()), steps

    def _distributed(self, dataset: Any) -> Any:
        """Hand out an endless data set; of one with an end the workers would ask each other at every step."""
        endless = dataset.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)).prefetch(AHEAD)
        return self._strategy.distribute_datasets_from_function(lambda context: endless)

    def _parts(self, images: Any, labels: Any, weights: Any = None) -> Any:
        """Cut a batch: per replica images, labels, weights whose mean over all is the loss, and the batch's size."""
        total = tf.shape(labels)[0]
        weights = tf.ones(total) if weights is None else weights

        def part(replica: Any) -> tuple[Any, ...]:
            start, end = replica * total // self._count, (replica + 1) * total // self._count
            share = tf.cast(end - start, tf.float32) * self._count / tf.cast(total, tf.float32)
            return images[start:end], labels[start:end], weights[start:end] * share, tf.cast(total, tf.float32)

        first, end = self._here.start, self._here.stop
        return tf.data.Dataset.range(first, end, output_type=tf.int32).map(part)

    def callbacks(self, seed: int, steps: int) -> list[Any]:
        """Return what makes each replica drop other units and all of them end an epoch with equal statistics."""
        return [OwnRandomness(self._strategy, self._here, seed), EqualStatistics(self._strategy, steps)]

    def load(self, path: Path | None) -> Checkpoint | None:
        """Return the chief's checkpoint: its file need not be where the others are."""
        state = checkpoint.load(path) if self.chief and path is not None else None
        if self._workers == 1:
            return state
        content = self._from_chief(b"" if state is None or path is None else path.read_bytes())
        return checkpoint.load(Path("the chief's checkpoint"), io.BytesIO(content)) if content else None

    def _from_chief(self, content: bytes) -> bytes:
        """Return the chief's bytes, sent as whole numbers that the others add nothing to."""
        length = int(self._sum(np.array([len(content) if self.chief else 0], np.int64))[0])
        if not length:
            return b""
        sent = np.frombuffer(content.ljust(-(-length // 4) * 4, b"\0"), np.int32) if self.chief else None
        words = np.zeros(-(-length // 4), np.int32) if sent is None else sent
        return bytes(self._sum(words).tobytes()[:length])

    def _sum(self, numbers: Any) -> Any:
        """Return the sum over processes: the first replica of each adds its numbers."""
        contributions = iter([numbers])
        values = self._strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(next(contributions, np.zeros_like(numbers)))
        )
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None).numpy()

    def agree(self, stop: StopRequest, late: bool) -> tuple[str | None, bool]:
        """Stop everybody after the same step.

        A signal that comes while votes are counted is one of the next step: the others know nothing of it yet.
        """
        if self._workers == 1:
            return alone(stop, late)
        names = [number.name for number in SIGNALS]
        votes = self._sum(np.array([late, *(stop.signal_name == name for name in names)], np.int32))
        asked = next((name for name, vote in zip(names, votes[1:], strict=True) if vote), None)
        if asked is not None and stop.signal_name is None:
            stop.ask(asked)
        return asked, bool(votes[0])

    def of_chief(self, seconds: float) -> float:
        """Return the chief's number everywhere."""
        if self._workers == 1:
            return seconds
        return float(self._sum(np.array([seconds if self.chief else 0.0], np.float64))[0])

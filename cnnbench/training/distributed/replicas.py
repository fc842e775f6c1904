"""Training on several replicas of the network through tf.distribute, in one process or in several.

The replicas share each global batch and add up their gradients, so that a step is that of one device with the same
batch. Keras' `fit` keeps the loop, but two of its parts do not know several workers (Keras 3.15: `reduce_per_replica`
takes the mean of scalars over an axis, `_maybe_symbolic_build` unpacks no replica's batch) and one weighs replicas
alike that hold unlike numbers of images; `Replicated` does these three itself.
"""

from __future__ import annotations

import functools
import io
import os
import signal
import sys
import threading
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
from cnnbench.machine.standard_streams import lasting
from cnnbench.seeds import Stream, generators_of, states
from cnnbench.training import checkpoint
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.distributed.cluster import meet, place_of

CONNECTING_SECONDS = 120  # from the meeting to TensorFlow's own connections, which take one or two
LOST = (  # what a collective operation ends with where its other end is gone
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnknownError,
)


def mirrored() -> Replicas:
    """Return one replica per GPU of this process, or per logical CPU device where there is no GPU."""
    strategy = _mirrored_strategy()
    count = strategy.num_replicas_in_sync
    alone = "; with one device distribute: mirrored works and gains nothing" if count == 1 else ""
    return Replicas(strategy, worker=0, workers=1, note=f"trained on {count} replica(s){alone}")


@functools.cache  # the collective operations of a second one would meet those of the first
def _mirrored_strategy() -> Any:
    return tf.distribute.MirroredStrategy()


def multi_worker(config: Config, show: Callable[[str], None]) -> Replicas:
    """Return the replicas of all processes that TF_CONFIG names, once all of them are there; see `cluster.meet`."""
    place = place_of(os.environ.get("TF_CONFIG"))
    meet(place, config, show)
    try:
        with _connecting():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as e:
        raise ConfigError(f"train.distribute: multi_worker needs a process of its own ({first_line(e)})") from None
    _mute_tensorflow()
    workers = len(place.addresses)
    note = f"trained on {strategy.num_replicas_in_sync} replica(s) in {workers} process(es)"
    return Replicas(strategy, worker=place.index, workers=workers, note=note)


@contextmanager
def _connecting() -> Iterator[None]:
    """End the process where connecting takes too long: TensorFlow waits with all signals and threads held up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.alarm(CONNECTING_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)  # TensorFlow puts a handler of its own in place of SIGTERM's


def _mute_tensorflow() -> None:
    """Send what C++ writes to standard error nowhere, until exit: of a lost worker it says a dozen lines."""
    try:
        shown = sys.stderr.fileno() == 2
    except (AttributeError, OSError):
        return  # a notebook's, which C++ does not write to
    if shown:
        sys.stderr.flush()
        sys.stderr = lasting(os.dup(2), sys.stderr)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


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
            raise TrainingError(
                "train.distribute: another worker is gone; all end, and --resume on the chief goes on from the last "
                "epoch"
            ) from e

    def replica_of(self, model: Any, compile_model: Callable[[Any], None]) -> Any:
        """Return a copy of the compiled model on every replica."""
        with self._strategy.scope():
            copy = keras.models.clone_model(model)
            trained = Replicated(copy.inputs, copy.outputs, name=model.name)
            compile_model(trained)
            images, labels = np.zeros((1, *model.input_shape[1:]), np.float32), np.zeros((1, model.output_shape[-1]))
            trained._symbolic_build(data_batch=(images, labels))  # Keras makes the metrics' variables in there
            trained.set_weights(model.get_weights())
        return trained

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

        def batch(at: Any) -> Batch:
            return split.images(at).astype(np.float32), one_hot(split.labels[at], classes)

        signature = (
            tf.TensorSpec((None, *split.store.shape), tf.float32),
            tf.TensorSpec((None, classes), tf.float32),
        )
        return self._distributed(dataset_of(lambda: failure.noted(map(batch, mine)), signature).repeat()), steps

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
        return [_OwnRandomness(self._strategy, self._here, seed), _EqualStatistics(self._strategy, steps)]

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

    def agree(self, stop: StopRequest, late: bool) -> bool:
        """Stop everybody after the same step."""
        if self._workers == 1:
            return late
        names = [number.name for number in SIGNALS]
        votes = self._sum(np.array([late, *(stop.signal_name == name for name in names)], np.int32))
        for name, vote in zip(names, votes[1:], strict=True):
            if vote and stop.signal_name is None:
                stop.ask(name)
        return bool(votes[0])


class Replicated(keras.Model):  # type: ignore[misc]  # Keras ships no types
    """A model whose steps run on every replica; what it reports is counted over all of them."""

    def train_step(self, data: Any) -> None:
        """Add this replica's part to the step; `data` is what `Replicas._parts` cut."""
        images, labels, weights, total = data
        replicas = tf.cast(self.distribute_strategy.num_replicas_in_sync, tf.float32)
        with tf.GradientTape() as tape:
            probabilities = self(images, training=True)
            part = self.compute_loss(images, labels, probabilities, weights, training=True)
            scaled = self.optimizer.scale_loss(part)
        self.optimizer.apply(tape.gradient(scaled, self.trainable_variables), self.trainable_variables)
        self.compute_metrics(images, labels, probabilities)
        # The parts are divided by the number of replicas already: their sum is the loss of the whole batch.
        self.metrics[0].update_state(part * replicas, sample_weight=total / replicas)

    train_function: Any
    test_function: Any

    def make_train_function(self, force: bool = False) -> None:
        """Keras' hook: what `fit` calls for a step."""
        if self.train_function is None or force:
            self.train_function = self._on_every_replica(self.train_step)

    def make_test_function(self, force: bool = False) -> None:
        """Keras' hook: what `evaluate` calls for a step."""
        if self.test_function is None or force:
            self.test_function = self._on_every_replica(self.test_step)

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Keras' hook: all is built when the replicas are made."""

    def _on_every_replica(self, step: Callable[[Any], Any]) -> Any:
        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator,unused-ignore]  # TensorFlow ships no types
        def everywhere(batches: Any) -> Any:
            self.distribute_strategy.run(step, args=(next(batches),))
            return self.get_metrics_result()

        return everywhere


class _OwnRandomness(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Give dropout on every replica but the first states of its own, drawn from (seed, epoch, replica)."""

    def __init__(self, strategy: Any, here: range, seed: int) -> None:
        super().__init__()
        self._strategy, self._here, self._seed = strategy, here, seed

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Write the states of `epoch`, after those of one device have been written."""
        generators = generators_of(self.model)
        for place, replica in enumerate(self._here):
            at = (epoch, replica) if replica else (epoch,)
            drawn = states(len(generators), Stream.RANDOM_LAYERS, self._seed, *at)
            for generator, state in zip(generators, drawn, strict=True):
                self._strategy.experimental_local_results(generator.state.value)[place].assign(state)


class _EqualStatistics(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Take the mean of batch normalisation's moving statistics over the replicas when an epoch's steps are done."""

    def __init__(self, strategy: Any, steps: int) -> None:
        super().__init__()
        self._strategy, self._steps = strategy, steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Average after the last step, before validation and checkpoint."""
        moving = [v for v in self.model.non_trainable_weights if "float" in str(v.dtype)]
        if batch + 1 < self._steps or not moving:
            return

        # Asked outside of the replicas, a mirrored variable passes for equal on all of them.
        held = self._strategy.run(lambda: [tf.identity(variable.value) for variable in moving])
        for variable, values in zip(moving, held, strict=True):
            variable.assign(self._strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None))

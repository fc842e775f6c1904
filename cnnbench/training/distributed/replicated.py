"""The network of several replicas: its steps in place of Keras' own, and what keeps the replicas equal.

The replicas share each global batch and add up their gradients, so that a step is that of one device with the same
batch. Keras' `fit` keeps the loop, but two of its parts do not know several workers (Keras 3.15: `reduce_per_replica`
takes the mean of scalars over an axis, `_maybe_symbolic_build` unpacks no replica's batch) and one weighs replicas
alike that hold unlike numbers of images; `Replicated` does these three itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253 - reached only when TensorFlow is the backend and training is distributed
import tensorflow as tf  # noqa: TID253

from cnnbench.seeds import Stream, generators_of, states


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


class OwnRandomness(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
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


class EqualStatistics(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Take the mean of batch normalisation's moving statistics over the replicas when an epoch's steps are done."""

    def __init__(self, strategy: Any, steps: int) -> None:
        super().__init__()
        self._strategy, self._steps = strategy, steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Average after the last step, which a budget of time may bring early, before validation and checkpoint."""
        learning = [layer for layer in self.model.layers if layer.trainable]  # frozen ones are equal, and stay so
        moving = [v for layer in learning for v in layer.non_trainable_weights if "float" in str(v.dtype)]
        if (batch + 1 < self._steps and not self.model.stop_training) or not moving:
            return

        # Asked outside of the replicas, a mirrored variable passes for equal on all of them.
        held = self._strategy.run(lambda: [tf.identity(variable.value) for variable in moving])
        for variable, values in zip(moving, held, strict=True):
            variable.assign(self._strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None))

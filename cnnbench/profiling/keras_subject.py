"""A Keras training: its batches, its network, and functions of the backend for the parts of a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import keras  # noqa: TID253 - reached only once Keras is up
import numpy as np

from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import TrainingBatches, class_weight_vector
from cnnbench.learners.keras.learner import KerasLearner, network
from cnnbench.machine.runtime import has_gpu
from cnnbench.model.auxiliary import with_heads
from cnnbench.model.freezing import freeze
from cnnbench.model.policy import built_in
from cnnbench.profiling import memory
from cnnbench.profiling.clock import Spread, Work
from cnnbench.profiling.subject import WHOLE
from cnnbench.seeds import Stream, generator
from cnnbench.training.compile import compile_model
from cnnbench.training.stages import stages_of

FORWARD, BOTH, UPDATED = "forward", "forward and backward", "forward, backward and update"


class KerasSubject:
    """See `Subject`. All work is on images of the data set, fetched once; weights change with every step."""

    def __init__(self, learner: KerasLearner) -> None:
        self.config: Config = learner.config
        self._learner = learner
        self.images = len(learner.dataset.train)
        self._on_gpu = has_gpu(keras.backend.backend())

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is computed on."""
        return self._learner.environment

    @property
    def is_tensorflow(self) -> bool:
        """Whether the parts of a step can be compiled one by one."""
        return bool(keras.backend.backend() == "tensorflow")

    def batches(self, batch_size: int) -> TrainingBatches:
        """Return the training batches of this size."""
        dataset, config = self._learner.dataset, self.config
        return TrainingBatches(
            split=dataset.train,
            classes=len(dataset.class_names),
            batch_size=batch_size,
            seed=config.seed,
            augmenter=Augmenter(config.augment, config.seed),
            class_weights=class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names),
        )

    def compiled(self, policy: str | None = None, config: Config | None = None) -> Any:
        """Return the network, new and ready to train, in another precision or by another configuration's `train`."""
        config = config or self.config
        with built_in(policy or config.train.precision):
            model, heads = network(config, self._learner.dataset, self._learner.normalization)
        stage = stages_of(config)[0]
        freeze(model, stage.frozen)
        trained = with_heads(model, heads)
        compile_model(trained, config.train, self.batches(config.train.batch_size).steps_per_epoch, self._on_gpu, stage)
        return trained

    @cached_property
    def model(self) -> Any:
        """The network as it is configured."""
        return self.compiled()

    def step(self, batch_size: int) -> Work:
        """Return a training step of so many images."""
        return self.step_of(self.model, batch_size)

    def step_of(self, model: Any, batch_size: int) -> Work:
        """Return a training step of a network."""
        batch = [np.asarray(keras.ops.convert_to_numpy(part)) for part in self._batch(batch_size)]
        return lambda: model.train_on_batch(*batch)  # which gives numbers, and so waits for them

    def parts(self) -> Mapping[str, Work]:
        """Return what is timed of a step; its middle can be had on TensorFlow alone."""
        batches = self.batches(self.config.train.batch_size)
        stream = batches.raw(0)
        images, labels, seeds = next(batches.raw(0))
        outside: dict[str, Work] = {"input": lambda: next(stream)}
        if batches.augmenter:
            outside["augmentation"] = self._augmented(batches, images, labels, seeds)
        whole = self.step(self.config.train.batch_size)
        inside = self._inside() if self.is_tensorflow else {FORWARD: self._forward()}
        return {WHOLE: whole, **inside, **outside}  # what matters most comes first, where time is short

    def told(self, times: Mapping[str, Spread]) -> Mapping[str, Spread]:
        """Return the parts of a step: each compiled function does what the one before it does, and more."""
        names = [name for name in (FORWARD, BOTH, UPDATED, WHOLE) if name in times]
        more = {BOTH: "backward", UPDATED: "update", WHOLE: "metrics and the loop"}
        if BOTH not in times:
            more[WHOLE] = "backward and update"
        differences = {more[name]: times[name].minus(times[before]) for before, name in pairwise(names)}
        first = {name: times[name] for name in ("input", "augmentation", FORWARD) if name in times}
        return {**first, **differences, **{name: times[name] for name in (WHOLE,) if name in times}}

    def layers(self) -> Sequence[tuple[str, str, Work]]:
        """Return name, kind and work of each layer: forward and, on TensorFlow, backward, on random values."""
        chance, size = generator(Stream.TIMING, 0, 0), self.config.train.batch_size
        timed = _forward_and_backward if self.is_tensorflow else _forward
        found = []
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.InputLayer):
                continue
            given = [
                keras.ops.convert_to_tensor(chance.normal(size=(size, *one.shape[1:])), dtype=layer.compute_dtype)
                for one in (layer.input if isinstance(layer.input, list) else [layer.input])
            ]
            found.append((layer.name, type(layer).__name__, timed(layer, given)))
        return found

    def peak_bytes(self, work: Work) -> int | None:
        """Return the most memory that is taken: the first GPU's, or this process'."""
        if not self._on_gpu:
            return memory.peak_bytes(work)
        if not self.is_tensorflow:
            return None
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats("GPU:0")
        work()
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])

    def _batch(self, batch_size: int) -> tuple[Any, ...]:
        batches = self.batches(batch_size)
        return batches.finish(*next(batches.raw(0)))

    def finisher(self, batches: TrainingBatches) -> Callable[..., tuple[Any, ...]]:
        """Return what augments raw batches, compiled where the training has it compiled."""
        if not self.is_tensorflow:
            return batches.finish
        import tensorflow as tf

        compiled: Callable[..., tuple[Any, ...]] = tf.function(batches.finish, reduce_retracing=True)
        return compiled

    def _augmented(self, batches: TrainingBatches, images: Any, labels: Any, seeds: Any) -> Work:
        finish = self.finisher(batches)
        return lambda: keras.ops.convert_to_numpy(finish(images, labels, seeds)[0])

    def _forward(self) -> Work:
        batch = [np.asarray(keras.ops.convert_to_numpy(part)) for part in self._batch(self.config.train.batch_size)]
        return lambda: self.model.test_on_batch(*batch)

    def _inside(self) -> Mapping[str, Work]:
        """Return a step up to its loss, up to its gradients, and up to the new weights, each compiled on its own."""
        import tensorflow as tf

        model = self.model
        x, y, *weights = (tf.constant(part) for part in self._batch(self.config.train.batch_size))

        def loss() -> Any:
            found = model.compute_loss(x, y, model(x, training=True), *weights, training=True)
            return tf.convert_to_tensor(model.optimizer.scale_loss(found))

        def gradients() -> Any:
            with tf.GradientTape() as tape:
                found = loss()
            return found, tape.gradient(found, model.trainable_weights)

        def both() -> Any:
            found, gradient = gradients()
            return [found, *(part for part in gradient if part is not None)]

        def updated() -> Any:
            found, gradient = gradients()
            model.optimizer.apply_gradients(zip(gradient, model.trainable_weights, strict=True))
            return found

        compiled = {
            name: tf.function(work, jit_compile=model.jit_compile is True)
            for name, work in ((FORWARD, loss), (BOTH, both), (UPDATED, updated))
        }
        model.optimizer.build(model.trainable_variables)
        return {name: _awaited(work) for name, work in compiled.items()}


def _awaited(work: Callable[[], Any]) -> Work:
    def wait() -> None:
        found = work()
        for part in found if isinstance(found, list) else [found]:
            part[(0,) * part.shape.rank].numpy()  # one value: what a GPU computes is not waited for before

    return wait


def _forward(layer: Any, given: Sequence[Any]) -> Work:
    argument = given if len(given) > 1 else given[0]
    return lambda: keras.ops.convert_to_numpy(layer(argument, training=True))


def _forward_and_backward(layer: Any, given: Sequence[Any]) -> Work:
    import tensorflow as tf

    argument = list(given) if len(given) > 1 else given[0]
    sources = [*given, *(variable.value for variable in layer.trainable_variables)]

    def work() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            out = layer(argument, training=True)
        return [part for part in [out, *tape.gradient(out, sources)] if part is not None]

    return _awaited(work)

"""The batches of `cnnbench.data.pipeline` as tf.data datasets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf  # noqa: TID253 - reached only when TensorFlow is the backend

from cnnbench.data.pipeline import AHEAD, Failure, TrainingBatches, evaluation_batch, evaluation_steps
from cnnbench.data.types import Split

ENDLESS = 2**62  # steps


def training_dataset(batches: TrainingBatches, first_epoch: int, failure: Failure) -> Any:
    """Return the endless training stream; augmentation runs in one background thread, batch after batch.

    The map is sequential because each batch writes the seed states of the augmentation layers before it uses them.
    """
    store_type = batches.split.images(np.arange(1)).dtype
    signature = (
        tf.TensorSpec((None, *batches.split.store.shape), store_type),
        tf.TensorSpec((None, batches.label_size), tf.float32),
        tf.TensorSpec((None, 2), tf.int64),
    )
    first = first_epoch * batches.steps_per_epoch
    stream = dataset_of(failure.noted(batches.raw_batch), range(first, ENDLESS), signature, batches.finish)
    return stream.prefetch(AHEAD)


def evaluation_dataset(split: Split, classes: int, failure: Failure) -> Any:
    """Return a split in order, once per iteration."""
    signature = (
        tf.TensorSpec((None, *split.store.shape), tf.float32),
        tf.TensorSpec((None, classes), tf.float32),
    )
    batch = partial(evaluation_batch, split, classes)
    return dataset_of(failure.noted(batch), range(evaluation_steps(split)), signature).prefetch(AHEAD)


def dataset_of(
    batch: Callable[[int], Sequence[Any]],
    numbers: range,
    signature: Sequence[Any],
    finish: Callable[..., Any] = lambda *arrays: arrays,
) -> Any:
    """Return the batches with these numbers as a data set that keeps its order and is not split by TensorFlow.

    `batch` makes the arrays of `signature` in Python, `finish` goes on with them in TensorFlow. All of it is one map,
    traced as it stands: no condition in it is a tensor, and AutoGraph would translate its source in every process.
    """

    def made(number: Any) -> Any:
        arrays = tf.numpy_function(batch, [number], [spec.dtype for spec in signature])
        for array, spec in zip(arrays, signature, strict=True):
            array.set_shape(spec.shape)
        return finish(*arrays)

    options = tf.data.Options()
    # tf.data's autotuner ends slowly: with it every other epoch starts seconds late (TensorFlow 2.21).
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False  # a map and no more: nothing to rewrite
    options.deterministic = True
    # The batches are sharded by nobody: one process reads them all.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    counted = tf.data.Dataset.range(numbers.start, numbers.stop)
    return counted.map(tf.autograph.experimental.do_not_convert(made)).with_options(options)

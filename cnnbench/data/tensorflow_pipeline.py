"""The batches of `cnnbench.data.pipeline` as tf.data datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf  # noqa: TID253 - reached only when TensorFlow is the backend

from cnnbench.data.pipeline import AHEAD, Failure, TrainingBatches, evaluation_batch, evaluation_steps
from cnnbench.data.types import Split


def training_dataset(batches: TrainingBatches, first_epoch: int, failure: Failure) -> Any:
    """Return the endless training stream; augmentation runs in one background thread, batch after batch.

    The map is sequential because each batch writes the seed states of the augmentation layers before it uses them. It
    is traced as it stands: no condition in it is a tensor, and AutoGraph would translate its source in every process.
    """
    store_type = batches.split.images(np.arange(1)).dtype
    signature = (
        tf.TensorSpec((None, *batches.split.store.shape), store_type),
        tf.TensorSpec((None, batches.label_size), tf.float32),
        tf.TensorSpec((None, 2), tf.int64),
    )
    finish = tf.autograph.experimental.do_not_convert(batches.finish)
    return dataset_of(lambda: failure.noted(batches.raw(first_epoch)), signature).map(finish).prefetch(AHEAD)


def evaluation_dataset(split: Split, classes: int, failure: Failure) -> Any:
    """Return a split in order, once per iteration."""
    signature = (
        tf.TensorSpec((None, *split.store.shape), tf.float32),
        tf.TensorSpec((None, classes), tf.float32),
    )
    steps = range(evaluation_steps(split))
    batches = dataset_of(lambda: failure.noted(evaluation_batch(split, classes, i) for i in steps), signature)
    return batches.apply(tf.data.experimental.assert_cardinality(len(steps))).prefetch(AHEAD)


def dataset_of(batches: Callable[[], Iterator[Any]], signature: Any) -> Any:
    """Return what the iterators yield as a data set that keeps its order and is not split by TensorFlow."""
    options = tf.data.Options()
    # tf.data's autotuner ends slowly: with it every other epoch starts seconds late (TensorFlow 2.21).
    options.autotune.enabled = False
    options.deterministic = True
    # The batches are sharded by nobody: one process reads them all.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return tf.data.Dataset.from_generator(batches, output_signature=signature).with_options(options)

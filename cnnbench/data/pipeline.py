"""Batches for training and evaluation as plain Python iterators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnbench.catalogue.values import dotted
from cnnbench.config.class_names import no_such_class
from cnnbench.data.augment import Augmenter
from cnnbench.data.types import Images, Rows, Split
from cnnbench.errors import ConfigError
from cnnbench.seeds import Stream, generator

EVALUATION_PIXELS = 256 * 32 * 32  # per batch without gradients: bounds the memory of large images
AHEAD = 2  # batches prepared while the network computes

Batch = tuple[Images, NDArray[np.float32]]
RawBatch = tuple[Images, NDArray[np.float32], NDArray[np.int64]]  # with the augmentation's seeds
T = TypeVar("T")


def evaluation_batch_size(shape: tuple[int, ...]) -> int:
    """Return how many images of `shape` (H, W, C), or features, go through at once when nothing is learned."""
    return max(1, min(256, EVALUATION_PIXELS // math.prod(shape[:-1])))


@lru_cache(maxsize=1)  # asked for by every batch of an epoch
def epoch_order(images: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the order in which an epoch visits the training images: a function of (seed, epoch) alone."""
    order = generator(Stream.ORDER, seed, epoch).permutation(images)
    order.flags.writeable = False
    return order


def one_hot(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return labels as float32 rows of length `classes`."""
    return np.eye(classes, dtype=np.float32)[labels]


@dataclass(frozen=True)
class TrainingBatches:
    """An endless stream of shuffled, augmented training batches.

    `class_weights` has one weight per class, shape (classes,), or is None. An image weighs its class's weight times its
    own; mixed ones weigh the mix. A store may hold `draws` versions of all its images, one after the other: an epoch
    takes one of them.
    """

    split: Split
    classes: int
    batch_size: int
    seed: int
    augmenter: Augmenter
    class_weights: NDArray[np.float32] | None = None
    draws: int = 1

    @property
    def label_size(self) -> int:
        """How long the rows of labels of a raw batch are: where images have weights, theirs is the last value."""
        return self.classes + (self.split.weights is not None)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches an epoch takes; the last one may be smaller."""
        return -(-len(self.split) // self.batch_size)

    def raw(self, first_epoch: int) -> Iterator[RawBatch]:
        """Yield images, rows of labels and augmentation seeds, from the start of `first_epoch` (0-based) on."""
        return map(self.raw_batch, itertools.count(first_epoch * self.steps_per_epoch))

    def raw_batch(self, index: int) -> RawBatch:
        """Return the batch with this number, counted from the start of the first epoch."""
        epoch, step = divmod(index, self.steps_per_epoch)
        order = epoch_order(len(self.split), self.seed, epoch)
        at = order[step * self.batch_size : (step + 1) * self.batch_size]
        return self._images(at, epoch), self._labels(at), self.augmenter.seeds(epoch, step)

    def _images(self, at: Rows, epoch: int) -> Images:
        store = self.split.store
        return store.fetch(self.split.rows[at] + epoch % self.draws * (len(store) // self.draws))

    def _labels(self, at: Rows) -> NDArray[np.float32]:
        labels = self.split.labels[at]
        if self.split.weights is None:
            return one_hot(labels, self.classes)
        weights = self.split.weights[at] * (1 if self.class_weights is None else self.class_weights[labels])
        return np.column_stack([one_hot(labels, self.classes), weights.astype(np.float32)])

    def finish(self, images: Any, labels: Any, seeds: Any) -> tuple[Any, ...]:
        """Turn a raw batch into what `fit` takes: float32 images, labels and, with weights, sample weights."""
        from keras import ops

        images, labels = self.augmenter.apply(ops.cast(images, "float32"), labels, seeds)
        if self.split.weights is not None:
            return images, labels[:, : self.classes], labels[:, self.classes]
        if self.class_weights is None:
            return images, labels
        return images, labels, ops.matmul(labels, self.class_weights)


def evaluation_batch(split: Split, classes: int, index: int) -> Batch:
    """Return float32 images and one-hot labels of the batch `index` of a split in order."""
    size = evaluation_batch_size(split.store.shape)
    at = np.arange(index * size, min((index + 1) * size, len(split)))
    return split.images(at).astype(np.float32), one_hot(split.labels[at], classes)


def evaluation_steps(split: Split) -> int:
    """Return the number of batches of a split."""
    return -(-len(split) // evaluation_batch_size(split.store.shape))


@dataclass
class Failure:
    """What went wrong while batches were made, which TensorFlow hands on as an error of its own."""

    error: Exception | None = None

    def noted(self, make: Callable[[int], T]) -> Callable[[int], T]:
        """Return `make`, which keeps the exception it ends with here."""

        @wraps(make)
        def noting(index: int) -> T:
            try:
                return make(index)
            except Exception as e:
                self.error = e
                raise

        return noting


def class_weight_vector(
    class_weight: str | dict[str, float] | None, labels: NDArray[np.int64], class_names: Sequence[str]
) -> NDArray[np.float32] | None:
    """Return one weight per class, or None; "balanced" is n / (classes * count), as scikit-learn defines it.

    Raises ConfigError for weights of classes that are not there, and for weights that leave no image of `labels` any.
    """
    if class_weight is None:
        return None
    if class_weight == "balanced":
        counts = np.bincount(labels, minlength=len(class_names))
        return (len(labels) / (len(class_names) * np.maximum(counts, 1))).astype(np.float32)
    assert isinstance(class_weight, dict)
    if unknown := [name for name in class_weight if name not in class_names]:
        problems = [(dotted(("train", "class_weight", name)), no_such_class(name, class_names)) for name in unknown]
        raise ConfigError(*(f"{where}: the data has {what}" for where, what in problems))
    weights = np.array([class_weight.get(name, 1.0) for name in class_names], np.float32)
    if not weights[labels].any():
        raise ConfigError("train.class_weight: every training image would weigh 0")
    return weights

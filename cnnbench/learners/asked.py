"""A trained network that is asked, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.pipeline import evaluation_batch_size
from cnnbench.data.types import Images, Split

AT_ONCE = 64  # fewer than in validation: every batch is filled up, so one file to classify costs a whole batch


class Asked(Protocol):
    """See `Trained`; who inherits says what goes in and out, and answers a full batch."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""

    @property
    def classes(self) -> int:
        """How many probabilities come out."""

    def answer(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return the class probabilities of a batch, shape (n, classes)."""

    @property
    def at_once(self) -> int:
        """How many images go through the network at once."""
        return min(AT_ONCE, evaluation_batch_size(self.input_shape))

    def predict_split(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes)."""
        return self._predict(split.images(at) for at in self._slices(len(split)))

    def predict_images(self, images: Images) -> NDArray[np.float32]:
        """Return class probabilities of images (n, H, W, C) with pixel values 0..255, shape (n, classes)."""
        return self._predict(images[at] for at in self._slices(len(images)))

    def predict_few(self, images: Images, filled: int) -> NDArray[np.float32]:
        """Return class probabilities of a batch that is filled up to `filled` images; see `Trained`."""
        return self._predict_batch(images, filled)

    def _slices(self, count: int) -> Iterator[NDArray[np.int64]]:
        for start in range(0, count, self.at_once):
            yield np.arange(start, min(start + self.at_once, count))

    def _predict(self, batches: Iterable[Images]) -> NDArray[np.float32]:
        parts = [self._predict_batch(batch, self.at_once) for batch in batches]
        return np.concatenate(parts) if parts else np.zeros((0, self.classes), np.float32)

    def _predict_batch(self, images: Images, filled: int) -> NDArray[np.float32]:
        """Fill the batch up, so that an image's probabilities do not depend on its neighbours' number.

        Kernels differ with the batch size, in the last bits.
        """
        full = np.zeros((filled, *images.shape[1:]), np.float32)
        full[: len(images)] = images
        return np.asarray(self.answer(full), np.float32)[: len(images)]

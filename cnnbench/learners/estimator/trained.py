"""A fitted pipeline that is asked, some images at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.normalize import Normalization
from cnnbench.data.types import Images, Split
from cnnbench.learners.estimator.archive import Saved

PIXELS = 512 * 32 * 32  # asked for at once: bounds the memory that features take


@dataclass(frozen=True)
class TrainedEstimator:
    """See `Trained`."""

    saved: Saved

    @property
    def model(self) -> Any:
        """The pipeline, which takes images (n, H, W, C) with pixel values 0..255 and says class indices."""
        return self.saved.pipeline

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return self.saved.input_shape

    @property
    def normalization(self) -> Normalization:
        """What the first step of the pipeline does to pixel values 0..255."""
        step = self.model.named_steps["normalize"]
        return Normalization(tuple(step.scale), tuple(step.offset))

    @property
    def at_once(self) -> int:
        """How many images are asked for at once."""
        height, width, _ = self.input_shape
        return max(1, min(1024, PIXELS // (height * width)))

    @property
    def gives_probabilities(self) -> bool:
        """Whether the estimator has probabilities, as it was fitted."""
        return hasattr(self.model, "predict_proba")

    def predict_split(self, split: Split) -> NDArray[np.float32]:
        """Return what is said of every image of a split, (n, classes); see `Trained`."""
        return self._predict(len(split), split.images)

    def predict_images(self, images: Images) -> NDArray[np.float32]:
        """Return what is said of images (n, H, W, C) with pixel values 0..255, (n, classes); see `Trained`."""
        return self._predict(len(images), lambda at: images[at])

    def predict_few(self, images: Images, filled: int) -> NDArray[np.float32]:
        """Return the same; nothing is filled up."""
        return self.predict_images(images)

    def _predict(self, count: int, images: Callable[[NDArray[np.int64]], Images]) -> NDArray[np.float32]:
        said = np.zeros((count, self.saved.classes), np.float32)
        for start in range(0, count, self.at_once):
            at = np.arange(start, min(start + self.at_once, count))
            said[at] = self._some(images(at))
        return said

    def _some(self, images: Images) -> NDArray[np.float32]:
        said = np.zeros((len(images), self.saved.classes), np.float32)
        if self.gives_probabilities:
            said[:, self.model.classes_] = self.model.predict_proba(images)
        else:
            said[np.arange(len(images)), self.model.predict(images)] = 1.0
        return said

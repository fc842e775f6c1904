"""A trained model whose probabilities are taken at a temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.normalize import Normalization
from cnnbench.data.types import Images, Split
from cnnbench.evaluation.temperature import scaled
from cnnbench.learners.learner import Trained


@dataclass(frozen=True)
class Calibrated:
    """See `Trained`: it predicts the same classes, and says of each how sure that is at the temperature."""

    trained: Trained
    temperature: float

    @property
    def model(self) -> Any:
        """The model itself, whose own probabilities stay as they are."""
        return self.trained.model

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return self.trained.input_shape

    @property
    def normalization(self) -> Normalization:
        """What its first step does to pixel values 0..255."""
        return self.trained.normalization

    @property
    def at_once(self) -> int:
        """How many images are best asked for at once."""
        return self.trained.at_once

    @property
    def gives_probabilities(self) -> bool:
        """Whether what it says are probabilities."""
        return self.trained.gives_probabilities

    def predict_split(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes)."""
        return self._scaled(self.trained.predict_split(split))

    def predict_images(self, images: Images) -> NDArray[np.float32]:
        """Return class probabilities of images (n, H, W, C) with pixel values 0..255, shape (n, classes)."""
        return self._scaled(self.trained.predict_images(images))

    def predict_few(self, images: Images, filled: int) -> NDArray[np.float32]:
        """Return what `predict_images` does of at most `filled` images, in the time that so many take."""
        return self._scaled(self.trained.predict_few(images, filled))

    def _scaled(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        return scaled(probabilities.astype(np.float64), self.temperature).astype(np.float32)

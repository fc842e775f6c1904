"""A trained Keras network that is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cnnbench.learners.asked import Asked


@dataclass(frozen=True)
class TrainedNetwork(Asked):
    """See `Trained`."""

    model: Any
    gives_probabilities: ClassVar[bool] = True

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        shape: tuple[int, int, int] = self.model.input_shape[1:]
        return shape

    @property
    def classes(self) -> int:
        """How many probabilities come out."""
        return int(self.model.output_shape[-1])

    def answer(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return the class probabilities of a batch."""
        return np.asarray(self.model.predict_on_batch(images))

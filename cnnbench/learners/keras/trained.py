"""A trained Keras network that is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.network.naming import NORMALIZATION
from cnnbench.data.normalize import Normalization
from cnnbench.learners.asked import Asked
from cnnbench.machine.runtime import has_gpu


@dataclass(frozen=True)
class TrainedNetwork(Asked):
    """See `Trained`."""

    model: Any
    gives_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Compute as where it was trained, to the bit."""
        answer_in_few_operations(self.model)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        shape: tuple[int, int, int] = self.model.input_shape[1:]
        return shape

    @property
    def normalization(self) -> Normalization:
        """What its first layer does to pixel values 0..255."""
        layer, channels = self.model.get_layer(NORMALIZATION), self.input_shape[2]
        scale, offset = (np.broadcast_to(value, channels).tolist() for value in (layer.scale, layer.offset))
        return Normalization(tuple(scale), tuple(offset))

    @property
    def classes(self) -> int:
        """How many probabilities come out."""
        return int(self.model.output_shape[-1])

    def answer(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return the class probabilities of a batch."""
        return np.asarray(self.model.predict_on_batch(images))


def answer_in_few_operations(model: Any) -> None:
    """Let a network that is asked, not trained, compute as it does between the epochs of its training."""
    import keras

    if keras.backend.backend() == "tensorflow" and not has_gpu("tensorflow"):
        from cnnbench.training.fused import fuse_normalization

        fuse_normalization(model)

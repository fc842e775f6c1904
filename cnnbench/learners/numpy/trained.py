"""A network that is asked, and the threads that products of matrices are shared between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.normalize import Normalization
from cnnbench.errors import ConfigError
from cnnbench.learners.asked import Asked
from cnnbench.learners.learner import Trained
from cnnbench.learners.numpy.file import load as read
from cnnbench.learners.numpy.network import Network
from cnnbench.machine.runtime import Backend


@dataclass(frozen=True)
class PlainTrained(Asked):
    """See `Trained`."""

    gives_probabilities: ClassVar[bool] = True
    model: Network

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return self.model.input_shape

    @property
    def normalization(self) -> Normalization:
        """What it does first to pixel values 0..255."""
        return self.model.normalization

    @property
    def classes(self) -> int:
        """How many probabilities come out."""
        return self.model.classes

    def answer(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return the class probabilities of a batch."""
        return self.model(images)


def load(path: Path, backend: Backend | None, show: Callable[[str], None]) -> Trained:
    """Return a saved network; see `choose.load`."""
    if backend not in (None, "numpy"):
        raise ConfigError(f"--backend {backend}: {path} is a network of NumPy's and is asked there")
    show("loading the model")
    return PlainTrained(read(path))

"""What a learner is: something that can be trained on a data set and then asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Config
from cnnbench.data.examples import Examples
from cnnbench.data.normalize import Normalization
from cnnbench.data.types import Dataset, Images, Split
from cnnbench.machine.runtime import Backend
from cnnbench.training.course import Course, Fitted


@dataclass(frozen=True)
class Task:
    """What is to be learnt from which images, and on what; `show` is told what takes a while.

    `backend` is the one that is asked for, None where the learner takes its own.

    With `measure` off nothing is timed to choose what is fastest. `command` is what the user typed. `weights` is what
    the run told of the weights that it began with, where it goes on after an epoch; with `offline` none are downloaded.
    """

    config: Config
    dataset: Dataset
    backend: Backend | None
    measure: bool
    command: str | None
    show: Callable[[str], None]
    weights: Mapping[str, Any] | None = None
    offline: bool = False


class Learner(Protocol):
    """One training, from a network without weights to predictions.

    `config` is the task's with every choice made. `environment` says what it is computed on, `notes` what the run's
    status is to tell. `chief` is False in a process that trains along while another one writes the run. `weights` says
    where those came from that it begins with, None where they are drawn. `examples` are training images before
    and after augmentation, None where nothing is augmented. `suffix` is how the file ends that it saves.
    """

    suffix: ClassVar[str]
    config: Config
    environment: Mapping[str, Any]
    weights: Mapping[str, Any] | None
    examples: Examples | None

    @property
    def notes(self) -> Sequence[str]:
        """See above."""

    @property
    def chief(self) -> bool:
        """See above."""

    def build(self) -> None:
        """Make what is to be trained, as the configuration's seed draws it."""

    def describe(self) -> Mapping[str, Any]:
        """Return what `layers.json` holds of it; what cannot be told of it is left out."""

    def stages(self) -> Sequence[Mapping[str, Any]]:
        """Return what `stages.json` holds of its training, nothing where all of it is trained all the time."""

    def fit(self, course: Course) -> Fitted:
        """Train it, and leave in it the weights that the configuration asks for; raises TrainingError, DataError."""

    @property
    def gives_probabilities(self) -> bool:
        """Whether what it says are probabilities, once it is trained."""

    def predict(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes).

        Where it gives none, there is a 1 for the class that it predicts.
        """

    def save(self, path: Path) -> None:
        """Write it to `path`."""


class Trained(Protocol):
    """What a learner has saved, read back to be asked."""

    @property
    def model(self) -> Any:
        """The model itself, for who goes on with it in Python."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""

    @property
    def normalization(self) -> Normalization:
        """What its first step does to pixel values 0..255."""

    @property
    def at_once(self) -> int:
        """How many images are best asked for at once."""

    @property
    def gives_probabilities(self) -> bool:
        """Whether what it says are probabilities; else there is a 1 for the class that it predicts."""

    def predict_split(self, split: Split) -> NDArray[np.float32]:
        """Return class probabilities of every image of a split, shape (n, classes)."""

    def predict_images(self, images: Images) -> NDArray[np.float32]:
        """Return class probabilities of images (n, H, W, C) with pixel values 0..255, shape (n, classes)."""

    def predict_few(self, images: Images, filled: int) -> NDArray[np.float32]:
        """Return what `predict_images` does of at most `filled` images, in the time that so many take.

        A network compiles its computation for each `filled` when that is first asked for. The last bits of the
        probabilities depend on it.
        """

"""What is served: a finished run's model, asked in batches of few sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Images
from cnnbench.evaluation.predictor import Predictor
from cnnbench.learners.choose import load
from cnnbench.learners.learner import Trained
from cnnbench.machine.runtime import Backend
from cnnbench.runs.named import open_finished

STEP = 4  # from one batch size to the next: at most so many times the work that is needed


@dataclass(frozen=True)
class Served:
    """A model, what prepares images for it and names what it says, and how many it is asked for at once."""

    name: str
    predictor: Predictor
    most: int

    @property
    def trained(self) -> Trained:
        """The model."""
        return self.predictor.trained

    @property
    def class_names(self) -> Sequence[str]:
        """The classes, in the order of the model's outputs."""
        return self.predictor.class_names

    @property
    def sizes(self) -> list[int]:
        """The sizes that batches are filled up to, rising: a network compiles its computation for each."""
        smaller = (STEP**power for power in range(self.most.bit_length()))
        return [*(size for size in smaller if size < self.most), self.most]

    def answer(self, images: Images) -> NDArray[np.float32]:
        """Return the class probabilities of at most `most` images (n, H, W, C) of uint8, shape (n, classes)."""
        return self.trained.predict_few(images, next(size for size in self.sizes if size >= len(images)))

    def warm_up(self) -> None:
        """Ask once for every size, so that nobody waits for what is compiled then."""
        for size in self.sizes:
            self.answer(np.zeros((size, *self.trained.input_shape), np.uint8))

    def said(self, probabilities: NDArray[np.float32]) -> dict[str, Any]:
        """Return what `cnnbench predict --json` says of an image: the class, and probabilities from the largest on."""
        shares = [float(share) for share in probabilities]
        ranked = sorted(zip(self.class_names, shares, strict=True), key=lambda pair: -pair[1])
        name, probability = ranked[0]
        if not self.trained.gives_probabilities:
            return {"predicted": name}
        return {"predicted": name, "probability": probability, "probabilities": dict(ranked)}


def open_served(path: Path, backend: Backend | None, most: int, show: Callable[[str], None] = lambda _: None) -> Served:
    """Return the model of the finished run that `path` stands for, warm; raises ConfigError, DataError."""
    show("looking for the run")
    run = open_finished(path)
    data, class_names = run.load_config().data, run.class_names
    trained = load(run.folder.model, backend, show)
    served = Served(run.name, Predictor(trained, data, class_names), min(most, trained.at_once))
    show("asking the model for the first time")
    served.warm_up()
    return served

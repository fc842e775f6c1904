"""A finished run opened for use: its configuration, classes and model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError, DataError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.named import open_run


@dataclass(frozen=True)
class Trained:
    """A run with its loaded model; `class_names` in the order of the model's outputs."""

    run: RunDir
    config: Config
    class_names: Sequence[str]
    model: Any

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels the model takes."""
        height, width, channels = self.model.input_shape[1:]
        return height, width, channels


@dataclass(frozen=True)
class Finished:
    """A run whose model is there but not loaded, for which Keras would have to be started."""

    run: RunDir
    config: Config
    class_names: Sequence[str]

    def load(self) -> Trained:
        """Load the model; raises ConfigError where it cannot be read."""
        from cnnbench.model.archive import load_model

        return Trained(self.run, self.config, self.class_names, load_model(self.run.model))


@dataclass(frozen=True)
class FilePrediction:
    """Class probabilities of one image file, shape (classes,), or why it could not be read."""

    path: Path
    probabilities: NDArray[np.float32] | None
    problem: str | None = None


def find_finished(path: Path) -> Finished:
    """Return the run that `path` stands for, without Keras; raises ConfigError where it has no finished model."""
    from cnnbench.config.load import load_run_config

    run = open_run(path)
    metrics = run.read_all_metrics()
    if metrics is None or not run.model.exists():
        state = run.read_status().get("state", "unknown") if run.status.exists() else "not started"
        raise ConfigError(f"{run.path}: has no finished model (state: {state}); cnnbench train --resume finishes it")
    return Finished(run, load_run_config(run.config), [row["class"] for row in metrics["per_class"]])


def image_files(given: Sequence[Path]) -> list[Path]:
    """Return the files named, and the images that training would find in the folders named, those of a folder sorted.

    Raises DataError for a folder without any and for a file that is not there.
    """
    from cnnbench.data.walk import below, is_image

    if absent := [f"{path}: no such file or folder" for path in given if not path.exists()]:
        raise DataError(*absent)
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(path / file for file in below(path, path) if is_image(file))
            if not inside:
                raise DataError(f"{path}: no image file in this folder")
            found += inside
        else:
            found.append(path)
    return found


def predict_files(trained: Trained, paths: Sequence[Path]) -> list[FilePrediction]:
    """Predict image files of any size and colour mode, prepared as the training images were.

    Files are read a batch at a time; one that cannot be read gets its problem instead of probabilities.
    """
    from cnnbench.evaluation.predict import batch_size

    size = batch_size(trained.input_shape)
    return [p for start in range(0, len(paths), size) for p in _predict_some(trained, paths[start : start + size])]


def _predict_some(trained: Trained, paths: Sequence[Path]) -> list[FilePrediction]:
    from cnnbench.evaluation.predict import predict_images

    read = [_read(trained, path) for path in paths]
    images = [image for image in read if not isinstance(image, str)]
    probabilities = iter(predict_images(trained.model, np.stack(images)) if images else np.empty((0, 0), np.float32))
    return [
        FilePrediction(path, None, image) if isinstance(image, str) else FilePrediction(path, next(probabilities))
        for path, image in zip(paths, read, strict=True)
    ]


def _read(trained: Trained, path: Path) -> NDArray[np.uint8] | str:
    from cnnbench.data.decode import decode, named
    from cnnbench.data.prepare import grey_bits

    try:
        with named(path):
            return _prepare(trained, decode(path, grey_bits(trained.config.data)))
    except DataError as e:
        return str(e)


def _prepare(trained: Trained, image: Any) -> NDArray[np.uint8]:
    from PIL import Image

    from cnnbench.data.prepare import prepare

    data, (height, width, channels) = trained.config.data, trained.input_shape
    shape = data.facts.shape
    if data.fit == "center" and shape is not None and image.size != (shape[1], shape[0]):
        # Centring does not scale: an image of another size is first brought to that of the training images.
        array = prepare(image, shape[:2], "crop", shape[2], data.color)
        image = Image.fromarray(array[:, :, 0] if shape[2] == 1 else array)
    return prepare(image, (height, width), data.fit, channels, data.color)

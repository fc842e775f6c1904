"""A trained model on image files: which ones, prepared how, and what it says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Data
from cnnbench.errors import DataError
from cnnbench.learners.learner import Trained


@dataclass(frozen=True)
class FilePrediction:
    """Class probabilities of one image file, shape (classes,), or why it could not be read.

    Of a model that gives none there is a 1 for the class that it predicts.
    """

    path: Path
    probabilities: NDArray[np.float32] | None
    problem: str | None = None


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


def predict_files(trained: Trained, data: Data, paths: Sequence[Path]) -> list[FilePrediction]:
    """Predict image files of any size and colour mode, prepared as the training images of `data` were.

    Files are read a batch at a time; one that cannot be read gets its problem instead of probabilities.
    """
    some = (paths[start : start + trained.at_once] for start in range(0, len(paths), trained.at_once))
    return [prediction for few in some for prediction in _predict_some(trained, data, few)]


def _predict_some(trained: Trained, data: Data, paths: Sequence[Path]) -> list[FilePrediction]:
    read = [_read(path, data, trained.input_shape) for path in paths]
    images = [image for image in read if not isinstance(image, str)]
    probabilities = iter(trained.predict_images(np.stack(images)) if images else np.empty((0, 0), np.float32))
    return [
        FilePrediction(path, None, image) if isinstance(image, str) else FilePrediction(path, next(probabilities))
        for path, image in zip(paths, read, strict=True)
    ]


def _read(path: Path, data: Data, shape: tuple[int, int, int]) -> NDArray[np.uint8] | str:
    from cnnbench.data.decode import decode, named
    from cnnbench.data.prepare import grey_bits

    try:
        with named(path):
            return _prepare(decode(path, grey_bits(data)), data, shape)
    except DataError as e:
        return str(e)


def _prepare(image: Any, data: Data, wanted: tuple[int, int, int]) -> NDArray[np.uint8]:
    from PIL import Image

    from cnnbench.data.prepare import prepare

    height, width, channels = wanted
    shape = data.facts.shape
    if data.fit == "center" and shape is not None and image.size != (shape[1], shape[0]):
        # Centring does not scale: an image of another size is first brought to that of the training images.
        array = prepare(image, shape[:2], "crop", shape[2], data.color)
        image = Image.fromarray(array[:, :, 0] if shape[2] == 1 else array)
    return prepare(image, (height, width), data.fit, channels, data.color)

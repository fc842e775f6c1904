"""A trained run that is asked about images of any size and form, each prepared as its training images were."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Data
from cnnbench.data.types import Images
from cnnbench.errors import DataError
from cnnbench.evaluation.pictures import as_numbers, checked, opened, several
from cnnbench.learners.learner import Trained
from cnnbench.machine.cpu import available_cores

AHEAD = 1  # batches read while the model computes


@dataclass(frozen=True)
class Answer:
    """Class probabilities of one image, shape (classes,), or why it could not be read.

    `name` is its file's, or its number among what was asked for. Of a model that gives no probabilities there is a 1
    for the class that it predicts.
    """

    name: str
    probabilities: NDArray[np.float32] | None
    problem: str | None = None


@dataclass(frozen=True)
class Predictor:
    """A trained model, and the configuration of the data that it was trained on.

    An image is the name of a file, the bytes of one, an image of Pillow's or an array (H, W) or (H, W, C) with pixel
    values 0..255. An array of the model's own size goes in as it is; all others are turned upright, composited
    on white where they are transparent, and brought to colours and size as in training.
    """

    trained: Trained
    data: Data
    class_names: Sequence[str]

    def predict(self, images: Any) -> NDArray[np.float32]:
        """Return class probabilities of one image or several, shape (n, classes).

        Names may be of folders, and patterns; an array may hold n images along its first axis. Raises DataError, with
        a line for each image that cannot be read.
        """
        images = as_numbers(images)
        if isinstance(images, np.ndarray) and images.ndim == 4 and len(images) and self._fits(images):
            return self.trained.predict_images(self._checked(images))
        found = list(self.answers(several(images)))
        if problems := [one.problem for one in found if one.problem is not None]:
            raise DataError(*problems)
        said = [one.probabilities for one in found if one.probabilities is not None]
        return np.stack(said) if said else np.zeros((0, len(self.class_names)), np.float32)

    def answers(self, images: Iterable[Any]) -> Iterator[Answer]:
        """Yield an answer for every image, in order; one that cannot be read gets its problem instead.

        Images are read on all cores, a batch ahead of the model.
        """
        numbered, waiting = iter(enumerate(images, start=1)), deque[list[tuple[str, Future[Images | str]]]]()
        with ThreadPoolExecutor(available_cores(), thread_name_prefix="decode") as pool:
            while few := list(islice(numbered, self.trained.at_once)):
                named = [(_name(image, number), image) for number, image in few]
                waiting.append([(name, pool.submit(self._read, name, image)) for name, image in named])
                if len(waiting) > AHEAD:
                    yield from self._answered(waiting.popleft())
            while waiting:
                yield from self._answered(waiting.popleft())

    def prepared(self, image: Any, name: str) -> Images:
        """Return one image as the model takes it, shape (H, W, C); raises DataError that begins with its name."""
        from cnnbench.data.decode import named
        from cnnbench.data.prepare import grey_bits

        with named(name):
            if isinstance(image, np.ndarray) and self._fits(image[None]):
                return checked(image)
            return _brought(opened(image, grey_bits(self.data)), self.data, self.trained.input_shape)

    def _fits(self, images: NDArray[Any]) -> bool:
        return images.shape[1:] == tuple(self.trained.input_shape)

    def _checked(self, images: NDArray[Any]) -> Images:
        try:
            return checked(images)
        except DataError as e:
            raise DataError(f"images: {e}") from None

    def _read(self, name: str, image: Any) -> Images | str:
        try:
            return self.prepared(image, name)
        except DataError as e:
            return str(e)

    def _answered(self, reading: Sequence[tuple[str, Future[Images | str]]]) -> Iterator[Answer]:
        read = [(name, future.result()) for name, future in reading]
        images: list[NDArray[Any]] = [image for _, image in read if not isinstance(image, str)]
        said = iter(self.trained.predict_images(np.stack(images)) if images else ())
        for name, image in read:
            yield Answer(name, None, image) if isinstance(image, str) else Answer(name, next(said))


def _name(image: Any, number: int) -> str:
    return str(image) if isinstance(image, str | Path) else f"image {number}"


def _brought(image: Any, data: Data, wanted: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return an image of Pillow's with the height, width and channels of the model's input."""
    from PIL import Image

    from cnnbench.data.prepare import prepare

    height, width, channels = wanted
    shape = data.facts.shape
    if data.fit == "center" and shape is not None and image.size != (shape[1], shape[0]):
        # Centring does not scale: an image of another size is first brought to that of the training images.
        array = prepare(image, shape[:2], "crop", shape[2], data.color)
        image = Image.fromarray(array[:, :, 0] if shape[2] == 1 else array)
    return prepare(image, (height, width), data.fit, channels, data.color)

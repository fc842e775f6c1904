"""What is known of every source before a file is opened; no NumPy, so that `validate` stays fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnbench.config.schema import Data, Synthetic

Shape = tuple[int, int, int]
DEFAULT_TEST = 0.2  # share held out where a source has no test split of its own


@dataclass(frozen=True)
class Facts:
    """A source: image shape, number of classes and images where they are fixed, and what it is."""

    about: str
    shape: Shape | None = None
    classes: int | None = None
    train: int | None = None
    test: int | None = None


SOURCES: dict[str, Facts] = {
    "digits": Facts("handwritten digits, comes with scikit-learn", (8, 8, 1), 10, 1797),
    "synthetic": Facts("separable by construction, any size"),
    "mnist": Facts("handwritten digits", (28, 28, 1), 10, 60000, 10000),
    "fashion_mnist": Facts("articles of clothing", (28, 28, 1), 10, 60000, 10000),
    "cifar10": Facts("animals and vehicles", (32, 32, 3), 10, 50000, 10000),
    "cifar100": Facts("a hundred kinds of things", (32, 32, 3), 100, 50000, 10000),
    "image_folder": Facts("your own: root/<class>/*.png, or root/train|val|test/<class>/*"),
    "npz": Facts("your own: x_train, y_train, optional x_val, y_val, x_test, y_test, class_names"),
}


def static_shape(data: Data) -> Shape | None:
    """Return height, width and channels the network will see, or None where only the files can tell."""
    shape = _source_shape(data)
    if data.source == "image_folder":
        shape = (0, 0, 3)  # every image becomes RGB unless data.color says grey
    if data.image_size is not None:
        size = data.image_size if isinstance(data.image_size, tuple) else (data.image_size, data.image_size)
        shape = (*size, shape[2] if shape else 0)
    if shape is None:
        return None
    if data.color is not None:
        shape = (*shape[:2], 3 if data.color == "rgb" else 1)
    return shape if all(shape) else None


def static_classes(data: Data) -> int | None:
    """Return the number of classes, or None where only the files can tell."""
    if data.source == "synthetic":
        return _synthetic(data).classes
    return SOURCES[data.source].classes


def static_images(data: Data) -> int | None:
    """Return how many images there are to train and validate on, or None where only the files can tell."""
    facts = SOURCES[data.source]
    images = _synthetic(data).train if data.source == "synthetic" else facts.train
    if images is None:
        return None
    if facts.test is None and data.source != "synthetic":
        images = round(images * (1 - (data.test or DEFAULT_TEST)))
    kept = data.subset.train
    return images if kept is None else round(images * kept) if isinstance(kept, float) else min(images, kept)


def _source_shape(data: Data) -> Shape | None:
    return _synthetic(data).shape if data.source == "synthetic" else SOURCES[data.source].shape


def _synthetic(data: Data) -> Synthetic:
    from cnnbench.config.schema import Synthetic  # not above: names alone are asked for where every moment counts

    return data.synthetic or Synthetic()

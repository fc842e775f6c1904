"""What is known of every source before a file is opened; no NumPy, so that `validate` stays fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

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

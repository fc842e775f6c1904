"""A user's own arrays in a NumPy archive, under the names that Keras gives MNIST's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import Own, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

SOURCE = Source(
    "your own: x_train, y_train, optional x_val, y_val, x_test, y_test, class_names",
    own=Own("a .npz file", (".npz",)),
)


def load(data: Data, place: Path) -> Given:
    """Return the arrays of the file; validation and test parts where it has them."""
    from cnnbench.data.npz import read_splits
    from cnnbench.data.prepare import target

    return read_splits(place, None, lambda shape: target(data, shape[2]).shape(shape))

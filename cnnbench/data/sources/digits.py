"""scikit-learn's 1,797 handwritten digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import DIGITS, Facts, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

SOURCE = Source(
    "handwritten digits, comes with scikit-learn",
    Facts((8, 8, 1), DIGITS, 1797),
    comes_with="scikit-learn",
    licence="CC-BY-4.0",  # as the UCI Machine Learning Repository has it for the set these are from
)


def load(data: Data, place: Path) -> Given:
    """Return the images, 8x8, with values 0..16 scaled to 0..255; there is no test split."""
    import numpy as np
    from sklearn.datasets import load_digits

    from cnnbench.data.stores import ArrayStore
    from cnnbench.data.types import Given, Part

    found = load_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)
    part = Part(ArrayStore(images[..., None]), found.target.astype(np.int64))
    return Given(DIGITS, part, notes=("scikit-learn's load_digits",))

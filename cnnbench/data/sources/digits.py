"""scikit-learn's 1,797 handwritten digits."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import DIGITS, Facts, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

FILE = Path("datasets", "data", "digits.csv.gz")  # inside scikit-learn: 64 pixels and the digit, line by line

SOURCE = Source(
    "handwritten digits, comes with scikit-learn",
    Facts((8, 8, 1), DIGITS, 1797),
    comes_with="scikit-learn",
    licence="CC-BY-4.0",  # as the UCI Machine Learning Repository has it for the set these are from
)


def load(data: Data, place: Path) -> Given:
    """Return the images, 8x8, with values 0..16 scaled to 0..255; there is no test split."""
    import numpy as np

    from cnnbench.data.stores import ArrayStore
    from cnnbench.data.types import Given, Part

    found = _table()
    images = np.rint(found[:, :-1].reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    part = Part(ArrayStore(images), found[:, -1].astype(np.int64))
    return Given(DIGITS, part, notes=("scikit-learn's load_digits",))


def _table() -> NDArray[np.float64]:
    """Return what `load_digits` reads, shape (1797, 65); to import it takes as long as a small training."""
    import numpy as np

    spec = find_spec("sklearn")
    for folder in (spec and spec.submodule_search_locations) or ():
        if (file := Path(folder) / FILE).is_file():
            with gzip.open(file, "rt", encoding="utf-8") as text:
                return np.loadtxt(text, delimiter=",")
    from sklearn.datasets import load_digits

    data, target = load_digits(return_X_y=True)
    return np.column_stack([data, target])

"""`gallery.npz`: small pictures of images of a split that are worth a look, so that a page needs no data for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.chunks import chunks
from cnnbench.data.pixels import as_pixels
from cnnbench.data.types import Split
from cnnbench.errors import DataError
from cnnbench.evaluation.mistakes import worth_a_look
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import whole_file
from cnnbench.runs.samples import are_pictures

if TYPE_CHECKING:
    from cnnbench.evaluation.evaluate import Evaluated
    from cnnbench.runs.predictions import Predictions

MOST = 360  # pictures
BYTES = 2 * 2**20  # of their pixels in all, before they are packed
SIDE = 64  # pixels; larger images are made smaller


@dataclass(frozen=True)
class Gallery:
    """Pictures, (m, h, w, 1 or 3) uint8, and their (m,) rows in the predictions."""

    images: NDArray[np.uint8]
    rows: NDArray[np.int64]

    def of(self, rows: Iterable[int]) -> list[tuple[int, NDArray[np.uint8]]]:
        """Return (row, picture) of those of these rows that a picture was kept of."""
        kept = {int(row): at for at, row in enumerate(self.rows)}
        return [(int(row), self.images[kept[int(row)]]) for row in rows if int(row) in kept]


def write_gallery(path: Path, evaluated: Evaluated, first: Iterable[int] = ()) -> None:
    """Keep pictures of these rows, of close answers and of every kind of mistake; raises OutputError."""
    height, width, channels = smaller(evaluated.split.store.shape)
    most = min(MOST, BYTES // (height * width * channels))
    rows = worth_a_look(evaluated.labels, evaluated.predicted, evaluated.probabilities, most, first)
    with whole_file(path) as part:
        np.savez_compressed(part, images=_pictures(evaluated.split, rows), rows=rows)


def read_gallery(path: Path, predictions: Predictions | None) -> Gallery | None:
    """Read the file, None where it or the predictions are not there; raises DataError where it does not fit them."""
    if predictions is None or not path.exists():
        return None
    images, rows = read_arrays(path, ("images", "rows")).values()
    fits = are_pictures(images, 4) and rows.dtype.kind in "iu" and rows.ndim == 1 and len(images) == len(rows)
    if not fits or not 0 <= rows.min() <= rows.max() < len(predictions.labels):
        raise DataError(f"{path}: does not fit the predictions beside it")
    return Gallery(images, rows)


def smaller(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the shape of the picture that is kept of an image."""
    height, width, channels = shape
    scale = min(1.0, SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale)), channels


def _pictures(split: Split, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    size = smaller(split.store.shape)
    parts = (as_pixels(split.images(rows[at])) for at in chunks(len(rows), split.store.shape))
    return np.concatenate([_reduced(images, size) for images in parts])


def _reduced(images: NDArray[np.uint8], size: tuple[int, int, int]) -> NDArray[np.uint8]:
    if images.shape[1:] == size:
        return images
    from PIL import Image

    height, width, channels = size
    pictures = (Image.fromarray(one[:, :, 0] if channels == 1 else one) for one in images)
    small = [np.asarray(one.resize((width, height), Image.Resampling.BOX)) for one in pictures]
    return np.stack(small).reshape(-1, height, width, channels)

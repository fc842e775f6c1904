"""An image on the page of a run: what it is, what it was taken for and how sure that was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnbench.report.plots import sample_of
from cnnbench.runs.predictions import Predictions
from cnnbench.views.charts.pictures import Sample
from cnnbench.views.page import Tile, named


def tile_of(found: Predictions, row: int, image: NDArray[np.uint8]) -> Tile:
    """Return what a page shows of the image in a row of the predictions."""
    return tile(sample_of(found, row, image))


def tile(sample: Sample) -> Tile:
    """Return what a page shows of a test image: what it was taken for and how sure that was."""
    true, predicted = named(sample.true), named(sample.predicted)
    kinds = {sample.predicted: "wrong", sample.true: "right"}
    return Tile(
        head=f"✓ {true}" if sample.right else f"✗ {predicted}, true: {true}",
        file_name=sample.file_name,
        image=sample.image,
        true=sample.true,
        right=sample.right,
        bars=[(name, chance, kinds.get(name, "")) for name, chance in sample.chances],
    )

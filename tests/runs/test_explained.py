"""What was explained, written and read back, and what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.errors import DataError
from cnnbench.runs.explained import Explained, read_explained, write_explained

MAP = {
    **{"kind": "occlusion", "class": "a", "deletion": 0.1, "deletion_random": 0.5, "insertion": 0.9},
    **{"insertion_random": 0.5, "after_shuffling": None, "sum": None, "difference": None},
}
NEAR = {"index": 3, "class": "b", "distance": 0.5}
IMAGE = {"name": "x.png", "true": None, "predicted": "a", "probability": 0.5, "maps": [MAP, MAP], "nearest": [NEAR]}
FACTS: dict[str, Any] = {
    **{"chosen": "the images that were named", "images": [IMAGE], "layers": [{"name": "c", "kind": "C", "maps": 9}]},
    **{"filters": "c", "maps_layer": "c", "dead_units": {"c": 0.5}, "classes": ["a", "b"], "training": 9},
    **{"left_out": [], "points": [{"index": 1, "true": "a", "predicted": "b"}]},
    "embedding": {"features": 5, "of": 9, "explained": [0.5, 0.2], "perplexity": None},
}
ARRAYS = {
    "images": np.zeros((1, 4, 5, 1), np.uint8),
    "maps": np.zeros((2, 4, 5), np.float16),
    "layer_0": np.zeros((8, 2, 2), np.int8),
    "filters": np.zeros((3, 2, 2, 1), np.uint8),
    "neighbours": np.zeros((1, 1, 4, 5, 1), np.uint8),
    "thumbnails": np.zeros((1, 4, 5, 1), np.uint8),
    "pca": np.zeros((1, 2), np.float32),
}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path, pictures = tmp_path / "explain.json", tmp_path / "explain.npz"
    assert read_explained(path, pictures) is None
    write_explained(path, pictures, Explained(FACTS, ARRAYS))
    found = read_explained(path, pictures)
    assert found is not None and found.facts == FACTS and len(found.maps[0]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": np.zeros((2, 4, 5, 1), np.uint8)},
        {"maps": np.zeros((1, 4, 5), np.float16)},
        {"maps": np.full((2, 4, 5), np.nan, np.float16)},
        {"layer_0": np.zeros((8, 2), np.int8)},
        {"neighbours": np.zeros((1, 2, 4, 5, 1), np.uint8)},
        {"thumbnails": np.zeros((2, 4, 5, 1), np.uint8)},
        {"pca": np.zeros((2, 2), np.float32)},
        {"filters": np.zeros((3, 2), np.uint8)},
    ],
)
def test_pictures_that_do_not_fit_are_told_in_one_line(wrong: dict[str, Any], tmp_path: Path) -> None:
    path, pictures = tmp_path / "explain.json", tmp_path / "explain.npz"
    write_explained(path, pictures, Explained(FACTS, {**ARRAYS, **wrong}))
    with pytest.raises(DataError, match=r"explain\.npz: does not fit explain\.json beside it"):
        read_explained(path, pictures)

"""Small pictures of a run: bounded in number and bytes, and those of the images that they are said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.errors import DataError
from cnnbench.evaluation.evaluate import Evaluated
from cnnbench.runs.gallery import BYTES, MOST, SIDE, Gallery, read_gallery, smaller, write_gallery
from cnnbench.runs.predictions import Predictions

RANDOM = np.random.default_rng(0)


def evaluated(images: int, shape: tuple[int, int, int], classes: int = 10) -> Evaluated:
    """Random answers about images of one grey each."""
    grey = np.arange(images) % 251
    store = ArrayStore(np.broadcast_to(grey[:, None, None, None], (images, *shape)).astype(np.uint8))
    labels, chances = RANDOM.integers(0, classes, images), RANDOM.dirichlet(np.ones(classes), images)
    split = Split(store, np.arange(images), labels)
    return Evaluated("test", split, labels, chances.argmax(axis=1), chances, {})


def read(path: Path, found: Evaluated) -> Gallery:
    names = [str(i) for i in range(10)]
    gallery = read_gallery(path, Predictions(names, found.labels, found.predicted, found.probabilities))
    assert gallery is not None
    return gallery


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 32, 3), (64, 96, 3), (300, 20, 1)])
def test_pictures_are_bounded_and_of_their_images(shape: tuple[int, int, int], tmp_path: Path) -> None:
    found = evaluated(700, shape)
    write_gallery(tmp_path / "gallery.npz", found, first=[5])
    gallery = read(tmp_path / "gallery.npz", found)
    assert gallery.images.shape[1:] == smaller(shape) and max(gallery.images.shape[1:3]) <= SIDE
    assert len(gallery.rows) == min(MOST, BYTES // gallery.images[0].size) and gallery.rows[0] == 5
    assert gallery.images.nbytes <= BYTES and (tmp_path / "gallery.npz").stat().st_size < BYTES
    assert (gallery.images == (gallery.rows % 251)[:, None, None, None]).all()
    assert [row for row, _ in gallery.of([699, 5, 5000])] == [row for row in (699, 5) if row in gallery.rows]


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    found = evaluated(40, (8, 8, 1))
    path = tmp_path / "gallery.npz"
    for images, rows in (
        (np.zeros((1, 8, 8, 1)), [0]),
        (np.zeros((1, 8, 8, 1), np.uint8), [40]),
        (np.zeros((0, 8, 8, 1), np.uint8), []),
        (np.zeros((2, 8, 8, 1), np.uint8), [0]),
    ):
        np.savez(path, images=images, rows=np.array(rows, np.int64))
        with pytest.raises(DataError, match=r"gallery\.npz: does not fit the predictions beside it"):
            read(path, found)
    assert read_gallery(tmp_path / "none.npz", None) is None

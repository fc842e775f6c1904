from __future__ import annotations

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.reading import read_source
from cnnbench.data.types import Given
from cnnbench.errors import DataError


def synthetic(seed: int = 0, **size: object) -> Given:
    return read_source(Data.model_validate({"source": "synthetic", "split_seed": seed, "synthetic": size}))


@pytest.mark.parametrize(
    ("shape", "classes"),
    [((32, 32, 3), 10), ((28, 28, 1), 10), ((9, 13, 1), 4), ((4, 4, 1), 100), ((64, 64, 3), 200), ((2, 2, 1), 16)],
)
def test_synthetic_classes_are_separable(shape: tuple[int, int, int], classes: int) -> None:
    source = synthetic(shape=shape, classes=classes, train=classes * 3, test=classes)
    assert source.test is not None
    train, test = (p.store.fetch(np.arange(len(p.labels))) for p in (source.train, source.test))
    assert train.shape == (classes * 3, *shape) and train.dtype == np.uint8
    bright = (train > 128)[:classes]  # labels take turns: one image of each class
    assert ((test > 128) == bright[source.test.labels]).all() and ((train > 128) == bright[source.train.labels]).all()
    assert len(np.unique(bright.reshape(classes, -1), axis=0)) == classes


def test_synthetic_classes_are_balanced_and_splits_differ() -> None:
    source = synthetic(train=50, test=50)
    assert source.test is not None and np.bincount(source.train.labels).tolist() == [5] * 10
    assert (source.train.store.fetch(np.arange(50)) != source.test.store.fetch(np.arange(50))).any()


def test_synthetic_follows_its_seed() -> None:
    first, again, other = (synthetic(seed).train.store.fetch(np.arange(100)) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


def test_synthetic_too_small_for_its_classes() -> None:
    with pytest.raises(DataError, match="17 classes do not fit into 2x2x1 images"):
        synthetic(shape=(2, 2, 1), classes=17)

from __future__ import annotations

import numpy as np
import pytest

from cnnbench.config.schema import Constants
from cnnbench.data import chunks, normalize
from cnnbench.data.normalize import Normalization, measure
from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Images, Split
from cnnbench.errors import ConfigError, DataError
from tests.builders.images import pixels


def split_of(images: Images, rows: list[int] | None = None) -> Split:
    chosen = np.arange(len(images)) if rows is None else np.array(rows, np.int64)
    return Split(ArrayStore(images), chosen, np.zeros(len(chosen), np.int64))


def applied(found: Normalization, images: Images) -> np.ndarray:
    return images * np.array(found.scale) + np.array(found.offset)


def test_constant_normalisations() -> None:
    split = split_of(pixels(4, 5, 5, 3))
    assert measure("none", split) == Normalization((1.0,) * 3, (0.0,) * 3)
    assert measure("unit", split) == Normalization((1 / 255,) * 3, (0.0,) * 3)
    red = (np.array([0.0, 255.0]) / 255 - 0.485) / 0.229
    assert np.allclose(applied(measure("imagenet", split), np.array([[0.0], [255.0]]))[:, 0], red)


def test_constants_of_the_configuration() -> None:
    found = measure(Constants(mean=[0.5], std=[0.25]), split_of(pixels(2, 4, 4, 3)))
    assert np.allclose(applied(found, np.full(3, 255.0)), 2) and np.allclose(applied(found, np.zeros(3)), -2)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_standardize_gives_mean_0_and_deviation_1_per_channel(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MOST", 7)
    images = pixels(50, 6, 5, 3).astype(kind) // np.array([1, 2, 4], kind)
    rows = list(range(0, 50, 2))
    found = applied(measure("standardize", split_of(images, rows)), images[rows])
    assert np.allclose(found.mean(axis=(0, 1, 2)), 0) and np.allclose(found.std(axis=(0, 1, 2)), 1)


def test_standardize_does_not_depend_on_order() -> None:
    images = pixels(30, 4, 4, 1)
    order = np.random.default_rng(0).permutation(30).tolist()
    assert measure("standardize", split_of(images)) == measure("standardize", split_of(images, order))


def test_bright_images_do_not_overflow() -> None:
    images = np.full((2000, 3, 3, 1), 255, np.uint8)
    images[0] = 0
    mean, std = normalize.statistics(split_of(images))
    assert np.allclose(mean, images.mean()) and np.allclose(std, images.std())


def test_channel_that_never_changes_becomes_zero() -> None:
    images = np.full((5, 4, 4, 1), 9, np.uint8)
    assert np.allclose(applied(measure("standardize", split_of(images)), images), 0)


def test_what_does_not_fit_is_refused() -> None:
    grey = split_of(pixels(2, 4, 4, 1))
    with pytest.raises(ConfigError, match=r"data\.normalize: 3 constants for images with 1 channel"):
        measure("imagenet", grey)
    with pytest.raises(ConfigError, match="2 constants for images with 1 channel"):
        measure(Constants(mean=[0.1, 0.2], std=[1.0]), grey)
    with pytest.raises(DataError, match="there are none"):
        measure("standardize", split_of(pixels(2, 4, 4, 1), []))

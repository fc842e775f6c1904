from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from cnnbench.config.schema import Data
from cnnbench.data.reading import read_source
from cnnbench.data.sources import digits


def test_digits_use_the_whole_range() -> None:
    source = read_source(Data(source="digits"))
    images = source.train.store.fetch(np.arange(1797))
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255) and set(np.unique(images)) == set(np.rint(np.arange(17) * 255 / 16))
    assert source.test is None and source.class_names == tuple("0123456789")


@pytest.mark.parametrize("file", [digits.FILE, Path("elsewhere")])
def test_they_are_what_scikit_learn_gives(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "FILE", file)
    found, source = load_digits(), read_source(Data(source="digits")).train
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)
    np.testing.assert_array_equal(source.store.fetch(np.arange(1797))[..., 0], images)
    np.testing.assert_array_equal(source.labels, found.target)
    assert source.labels.dtype == np.int64

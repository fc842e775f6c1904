from __future__ import annotations

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.reading import read_source


def test_digits_use_the_whole_range() -> None:
    source = read_source(Data(source="digits"))
    images = source.train.store.fetch(np.arange(1797))
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255) and set(np.unique(images)) == set(np.rint(np.arange(17) * 255 / 16))
    assert source.test is None and source.class_names == tuple("0123456789")

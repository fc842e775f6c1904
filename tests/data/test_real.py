"""The real data sets, where $CNNBENCH_DATA has them."""

from __future__ import annotations

import os

import numpy as np
import pytest

from cnnbench.config.schema import Data
from cnnbench.data.catalogue import downloads
from cnnbench.data.check import check
from cnnbench.data.load import load_data
from cnnbench.data.locate import find
from cnnbench.data.normalize import measure

# Mean and standard deviation of the training images, as published for the lossless sets and within what JPEG
# compression changes for CIFAR-10.
STATISTICS = {
    "mnist": ([0.1307], [0.3081], 1e-4),
    "fashion_mnist": ([0.2860], [0.3530], 1e-4),
    "cifar10": ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616], 3e-3),
}
pytestmark = pytest.mark.real_data

LOOKALIKES = {"mnist": 1, "fashion_mnist": 58}  # test images that a training image resembles, of the lossless sets


@pytest.fixture(params=sorted(STATISTICS))
def source(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if not os.environ.get("CNNBENCH_DATA") or find(downloads()[name], None) is None:
        pytest.skip(f"real {name}: set CNNBENCH_DATA to a folder that holds it")
    return name


def test_training_statistics_are_the_published_ones(source: str) -> None:
    dataset = load_data(Data(source=source, validation=0.0), offline=True)
    mean, std, within = STATISTICS[source]
    found = measure("standardize", dataset.train)
    scale, offset = np.array(found.scale) * 255, np.array(found.offset)
    assert np.allclose(1 / scale, std, atol=within) and np.allclose(-offset / scale, mean, atol=within)
    assert (len(dataset.train), len(dataset.test)) == ({"cifar10": 50000}.get(source, 60000), 10000)


def test_real_data_is_sound(source: str) -> None:
    found = check(Data(source=source), offline=True)
    assert found.problems == [] and found.splits["test"].images == 10000
    shared, similar = found.shared["train and test"], found.similar["train and test"]
    assert shared < 50 and similar < 100
    assert LOOKALIKES.get(source) in (None, similar)
    assert min(found.splits["test"].per_class.values()) >= 890

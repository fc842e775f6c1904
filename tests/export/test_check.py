"""A file against its run, both with answers that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnbench.data.stores import ArrayStore
from cnnbench.data.types import Split
from cnnbench.export import check
from cnnbench.export.formats import FORMATS
from cnnbench.export.found import measured, pictures

IMAGES = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
RUN = np.array([[0.9, 0.1]] * 6 + [[0.2, 0.8]] * 4)
LABELS = np.array([0] * 5 + [1] * 5)  # the run has image 5 wrong


@dataclass(frozen=True)
class Says:
    """A run that says what it is told to, of the images of a store by their only value."""

    at_once = 4
    said: NDArray[Any]

    def __call__(self, images: NDArray[Any]) -> NDArray[Any]:
        return self.said[images[:, 0, 0, 0].astype(int)].astype(np.float32)

    def predict_split(self, split: Split) -> NDArray[Any]:
        return self(split.images(np.arange(len(split))))


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> Split:
    monkeypatch.setattr(check, "MOST_CALLS", 5)
    return Split(ArrayStore(IMAGES), np.arange(10), LABELS)


def test_a_file_that_says_the_same(split: Split) -> None:
    found = check.compare(Says(RUN), Says(RUN), split)  # type: ignore[arg-type]  # it is asked for no more
    assert (found.largest, found.mean, list(found.flips)) == (0, 0, [])
    assert found.accuracy == found.run_accuracy == 0.9
    assert found.interval[0] < 0 < found.interval[1]
    assert found.speed.calls == 5 and 0 < found.speed.median <= found.speed.p95
    assert pictures(found).shape == (0, 2, 2, 1)


def test_a_file_that_says_something_else_of_three_images(split: Split) -> None:
    other = RUN.copy()
    other[5] = 0.3, 0.7  # now right
    other[8] = 0.6, 0.4  # now wrong
    other[9] = 0.7, 0.3  # now wrong
    found = check.compare(Says(other), Says(RUN), split)  # type: ignore[arg-type]
    assert [(flip.at, flip.true, flip.run, flip.exported) for flip in found.flips] == [
        (5, 1, 0, 1),
        (8, 1, 1, 0),
        (9, 1, 1, 0),
    ]
    assert found.largest == pytest.approx(0.6) and found.furthest == 5
    assert found.mean == pytest.approx((2 * 0.6 + 2 * 0.4 + 2 * 0.5) / 20)
    assert (found.accuracy, found.run_accuracy) == (0.8, 0.9)
    assert found.counts.difference == pytest.approx(-0.1)
    assert pictures(found)[:, 0, 0, 0].tolist() == [5, 8, 9]
    assert measured(FORMATS["onnx"], found) == found.largest
    assert measured(FORMATS["litert-int8"], found) == pytest.approx(0.1)  # one point of ten

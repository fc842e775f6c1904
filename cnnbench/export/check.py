"""Whether a file says what its run says: both asked about the same images, and how long the file takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Split
from cnnbench.evaluation.metrics import predict
from cnnbench.export.network import Ask
from cnnbench.learners.learner import Trained
from cnnbench.statistics.images import Agreement, difference_interval

WARM_UP, MOST_CALLS, MOST_SECONDS = 3, 200, 1.0  # of each timing
BATCH = 32


@dataclass(frozen=True)
class Flip:
    """An image that the file puts into another class: its position in the split, and who says what."""

    at: int
    true: int
    run: int
    exported: int


@dataclass(frozen=True)
class Speed:
    """Milliseconds of a call with one image, the median and what 95 % stay below; images a second in batches."""

    median: float
    p95: float
    calls: int
    images_per_second: float


@dataclass(frozen=True)
class Parity:
    """How far the file is from the run on the same images.

    `largest` and `mean` are of the absolute differences of probabilities, the largest being of the image at `furthest`.
    """

    split: Split
    largest: float
    mean: float
    furthest: int
    flips: Sequence[Flip]
    counts: Agreement
    interval: tuple[float, float]
    speed: Speed

    @property
    def accuracy(self) -> float:
        """The file's."""
        return (self.counts.both + self.counts.only_a) / self.counts.images

    @property
    def run_accuracy(self) -> float:
        """The run's on these images."""
        return (self.counts.both + self.counts.only_b) / self.counts.images


def compare(ask: Ask, trained: Trained, split: Split) -> Parity:
    """Ask file and run about every image of a split."""
    exported, run = answers(ask, split, trained.at_once), trained.predict_split(split).astype(np.float64)
    apart = np.abs(exported - run)
    classes = predict(exported), predict(run)
    counts = _agreement(*classes, split.labels)
    return Parity(
        split=split,
        largest=float(apart.max()),
        mean=float(apart.mean()),
        furthest=int(apart.max(axis=1).argmax()),
        flips=_flips(*classes, split.labels),
        counts=counts,
        interval=difference_interval(counts),
        speed=_speed(ask, split),
    )


def answers(ask: Ask, split: Split, at_once: int) -> NDArray[np.float64]:
    """Return what a file says of every image of a split, (n, classes)."""
    starts = range(0, len(split), at_once)
    return np.concatenate([ask(_images(split, start, start + at_once)) for start in starts]).astype(np.float64)


def _images(split: Split, start: int, stop: int) -> NDArray[np.float32]:
    return np.ascontiguousarray(split.images(np.arange(start, min(stop, len(split)))), np.float32)


def _flips(exported: NDArray[np.int64], run: NDArray[np.int64], labels: NDArray[np.int64]) -> list[Flip]:
    return [Flip(int(at), int(labels[at]), int(run[at]), int(exported[at])) for at in np.flatnonzero(exported != run)]


def _agreement(exported: NDArray[np.int64], run: NDArray[np.int64], labels: NDArray[np.int64]) -> Agreement:
    a, b = exported == labels, run == labels
    return Agreement(*(int(each.sum()) for each in (a & b, a & ~b, ~a & b, ~a & ~b)))


def _speed(ask: Ask, split: Split) -> Speed:
    one, batch = _images(split, 0, 1), np.resize(_images(split, 0, BATCH), (BATCH, *split.store.shape))
    calls = _seconds(lambda: ask(one))
    batches = _seconds(lambda: ask(batch))
    milliseconds = 1000 * np.array(calls)
    return Speed(
        median=float(np.median(milliseconds)),
        p95=float(np.percentile(milliseconds, 95)),
        calls=len(calls),
        images_per_second=BATCH / float(np.median(batches)),
    )


def _seconds(call: Callable[[], object]) -> list[float]:
    """Return how long calls took, one after the other, those that warm up left out."""
    for _ in range(WARM_UP):
        call()
    taken: list[float] = []
    while len(taken) < MOST_CALLS and sum(taken) < MOST_SECONDS:
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return taken

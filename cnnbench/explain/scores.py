"""How good a map is: what the class's probability does as the pixels it names go, and as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.explain.effort import FULL, Effort
from cnnbench.explain.subjects.subject import Floats, Subject
from cnnbench.seeds import Stream, generator

BLUR = 1 / 8  # of the longer side: the blur's standard deviation that an image comes out of


@dataclass(frozen=True)
class Scores:
    """Areas under the class's probability over the share of pixels: low is good of deletion, high of insertion.

    Petsiuk et al., 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models", section 4.2.
    """

    deletion: float
    insertion: float


def score(subject: Subject, image: Floats, label: int, values: Floats, steps: int = FULL.pixel_steps) -> Scores:
    """Return the scores of a map, (H, W): its highest pixels go first to the baseline, and come first out of a blur.

    As many go in each of so many `steps`, so that a large image takes no more of them than a small one.
    """
    order = np.argsort(-values.ravel(), kind="stable")
    nothing = np.broadcast_to(subject.baseline, image.shape)
    gone = _replaced(image, nothing, order, steps)
    come = _replaced(_blurred(image), image, order, steps)
    chances = subject.predict(np.concatenate([gone, come]))[:, label]
    return Scores(_area(chances[: len(gone)]), _area(chances[len(gone) :]))


def random_scores(subject: Subject, image: Floats, label: int, seed: int, asked: Effort = FULL) -> Scores:
    """Return the mean scores of maps that are drawn at random."""
    rng = generator(Stream.EXPLAINED, seed, 4)
    drawn = [_drawn(rng, image.shape) for _ in range(asked.random_maps)]
    found = [score(subject, image, label, one, asked.pixel_steps) for one in drawn]
    return Scores(float(np.mean([s.deletion for s in found])), float(np.mean([s.insertion for s in found])))


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Return Spearman's rank correlation of the strengths of two maps, None where one is the same everywhere.

    Adebayo et al., 2018, "Sanity Checks for Saliency Maps", section 3: between a map and that of the same network with
    random weights, near 1 says that the map shows nothing of what was learnt.
    """
    from scipy.stats import rankdata

    ranks = [rankdata(np.abs(values).ravel()) for values in (first, second)]
    if any(np.ptp(one) == 0 for one in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _replaced(image: Floats, by: Floats, order: NDArray[np.int64], steps: int) -> Floats:
    """Return the image as it is, then with ever more of its pixels replaced in this order, up to all of them."""
    counts: Sequence[int] = np.linspace(0, len(order), min(steps, len(order)) + 1).round().astype(int).tolist()
    states = np.repeat(image.reshape(1, -1, image.shape[-1]), len(counts), axis=0)
    other = by.reshape(-1, image.shape[-1])
    for state, count in zip(states, counts, strict=True):
        state[order[:count]] = other[order[:count]]
    return states.reshape(-1, *image.shape)


def _blurred(image: Floats) -> Floats:
    from scipy.ndimage import gaussian_filter

    width = BLUR * max(image.shape[:2])
    return np.asarray(gaussian_filter(image, (width, width, 0)), np.float32)


def _area(chances: Floats) -> float:
    """Return the area under equally spaced values over 0..1, by trapezoids."""
    return float((chances.sum(dtype=np.float64) - (chances[0] + chances[-1]) / 2) / (len(chances) - 1))


def _drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.random(shape[:2]).astype(np.float32)

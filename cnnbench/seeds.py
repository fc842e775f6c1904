"""Named random streams: the only place where a seed is split.

Whatever draws at random has a stream of its own, so that no two draw the same numbers, and a draw is a function of
seed, stream and indices (such as an epoch) alone, never of what was drawn before: that lets a resumed run repeat the
uninterrupted one.
"""

from __future__ import annotations

import zlib
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray


class Stream(IntEnum):
    """What draws, and by which indices; a number says what a seed gives, and is never given to another stream."""

    WEIGHTS = 1  # position of the layer
    RANDOM_LAYERS = 2  # epoch, and replica where it is not the first: dropout and the like in training
    ORDER = 3  # epoch: in which the training images are visited
    AUGMENTATION = 4  # epoch
    SAMPLES = 5  # images that a report or a preview shows
    PROPOSALS = 6  # trial, attempt where it is not the first, and who asks where others do too: a sampler of a search
    UNTRIED = 7  # trial, and who asks where others do too: a point that a search picks from what is left
    TIMING = 8  # nothing: images that a precision is timed with; 0: values that a layer is timed or converted with
    REST = 9  # what a backend or a library draws without being given a seed
    ESTIMATOR = 10  # nothing: a seed for each step of scikit-learn's, in order
    PLAIN_WEIGHTS = 11  # position of the layer: weights of a network in plain NumPy
    PLAIN_DROPOUT = 12  # epoch, position of the layer: what its dropout leaves out
    EXPLAINED = 13  # 0: images that are explained; 1: shuffled weights; 2: images embedded; 3: t-SNE; 4: random maps
    RESAMPLES = 14  # nothing: images drawn again and again, for an interval
    CALIBRATION = 15  # training images that an exported network is quantised by
    CORRUPTION = 16  # kind of corruption, the seed being the image's own: what corrupts a test image


# What says which images a run uses. Records of earlier runs rest on these numbers: seed and draw as two words, as no
# stream above is keyed.
IMAGES = {
    "synthetic patterns": 0,
    "synthetic train": 1,
    "synthetic test": 2,
    **{
        key: zlib.crc32(key.encode())
        for key in ("data.test", "data.validation", "data.fold", "data.subset.train", "data.subset.test")
    },
}


def sequence(stream: Stream, seed: int, *at: int) -> SeedSequence:
    """Return what a stream draws from at these indices: the seed, padded to 128 bits, with both as its spawn key."""
    return SeedSequence(seed, spawn_key=(stream, *at))


def bits_of_images(draw: str, seed: int) -> PCG64:
    """Return the bits that one of `IMAGES` is drawn from."""
    return PCG64(SeedSequence([seed, IMAGES[draw]]))


def generator(stream: Stream, seed: int, *at: int) -> Generator:
    """Return NumPy's generator of a stream at these indices."""
    return np.random.default_rng(sequence(stream, seed, *at))


def words(count: int, stream: Stream, seed: int, *at: int) -> NDArray[np.int64]:
    """Return seeds for others, shape (count,), of 31 bits: what every backend takes, signed or not."""
    return (sequence(stream, seed, *at).generate_state(max(1, count))[:count] >> 1).astype(np.int64)


def states(count: int, stream: Stream, seed: int, *at: int) -> NDArray[np.int64]:
    """Return one state of Keras' seed generators per row, shape (count, 2); the counters start at 0."""
    return np.stack([words(count, stream, seed, *at), np.zeros(count, np.int64)], axis=1)


def generators_of(layer: Any) -> list[Any]:
    """Return the seed generators of a Keras layer or model and of every layer inside it, in a fixed order."""
    import keras

    inside = layer._flatten_layers(include_self=True, recursive=True)
    found = [v for one in inside for v in vars(one).values() if isinstance(v, keras.random.SeedGenerator)]
    return list({id(generator): generator for generator in found}.values())


def seed_the_rest(seed: int) -> None:
    """Seed Python, NumPy and the backend, for the little that is not seeded where it is used."""
    import keras

    keras.utils.set_random_seed(int(words(1, Stream.REST, seed)[0]))

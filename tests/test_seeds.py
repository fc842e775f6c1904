from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np

from cnnbench import seeds
from cnnbench.config.schema import LARGEST_SEED
from cnnbench.seeds import IMAGES, Stream, bits_of_images, generator, sequence, states, words

SEEDS = (0, 1, 2, 3, 41, 42, 2**16, LARGEST_SEED)


def test_no_two_streams_are_equal() -> None:
    """Streams at no, one and two indices, against each other, and against what draws the images."""
    indices = [(), *((i,) for i in range(12)), *product(range(6), range(1, 4))]
    drawn = [sequence(stream, seed, *at) for stream, seed, at in product(Stream, SEEDS, indices)]
    drawn += [bits_of_images(draw, seed).seed_seq for draw, seed in product(IMAGES, SEEDS)]
    firsts = {tuple(one.generate_state(4).tolist()) for one in drawn}
    assert len(firsts) == len(drawn)


def test_the_streams_that_collided_draw_other_numbers() -> None:
    """Weights of layer k, augmentation of epoch k and order of epoch k were once drawn from (seed, k)."""
    for k in range(5):
        first = {int(words(1, stream, 0, k)[0]) for stream in (Stream.WEIGHTS, Stream.AUGMENTATION, Stream.ORDER)}
        assert len(first) == 3
    assert words(8, Stream.WEIGHTS, 0, 0).tolist() != words(8, Stream.WEIGHTS, 1, 0).tolist()


def test_what_a_seed_gives_never_changes() -> None:
    """The numbers themselves: that of a stream is part of what every recorded seed means."""
    assert words(2, Stream.WEIGHTS, 0, 1).tolist() == [1806813825, 309310805]
    assert generator(Stream.ORDER, 3, 2).permutation(6).tolist() == [4, 0, 5, 1, 2, 3]
    assert bits_of_images("data.validation", 3).random_raw() == np.random.PCG64([3, 3862293636]).random_raw()
    assert bits_of_images("synthetic test", 7).random_raw() == np.random.PCG64([7, 2]).random_raw()


def test_a_seed_is_split_nowhere_else() -> None:
    splits = re.compile(r"SeedSequence|default_rng|RandomState|set_random_seed")
    files = [path for path in Path(seeds.__file__).parent.rglob("*.py") if splits.search(path.read_text("utf-8"))]
    assert files == [Path(seeds.__file__)]


def test_words_suit_every_backend_and_do_not_depend_on_their_number() -> None:
    many = words(1000, Stream.REST, 5)
    assert many.dtype == np.int64 and many.min() >= 0 and many.max() < 2**31
    assert words(3, Stream.REST, 5).tolist() == many[:3].tolist()
    assert states(3, Stream.REST, 5).tolist() == [[word, 0] for word in many[:3].tolist()]
    assert states(0, Stream.REST, 5).shape == (0, 2)

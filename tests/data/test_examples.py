from __future__ import annotations

import numpy as np

from cnnbench.config.schema import Data
from cnnbench.data.examples import class_examples
from cnnbench.data.load import load_data


def test_examples_of_a_class_are_of_it_and_the_same_for_a_seed() -> None:
    split = load_data(Data(source="digits")).train
    images, of_three = class_examples(split, 3, seed=0)
    assert images == int((split.labels == 3).sum()) and of_three.shape == (8, 8, 8, 1)
    threes = np.rint(split.images(np.flatnonzero(split.labels == 3))).astype(np.uint8)
    assert all((threes == one).all(axis=(1, 2, 3)).any() for one in of_three)
    assert np.array_equal(class_examples(split, 3, seed=0)[1], of_three)
    assert not np.array_equal(class_examples(split, 3, seed=1)[1], of_three)


def test_a_class_without_images_has_no_examples() -> None:
    split = load_data(Data(source="digits")).train
    images, none = class_examples(split.pick(np.flatnonzero(split.labels != 3)), 3, seed=0)
    assert (images, none.shape) == (0, (0, 8, 8, 1))

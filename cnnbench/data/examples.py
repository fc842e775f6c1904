"""A few training images to look at: of every class, and as augmentation changes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.config.schema import Config
from cnnbench.data.augment import Augmenter
from cnnbench.data.pipeline import one_hot
from cnnbench.data.pixels import as_pixels
from cnnbench.data.types import Dataset, Split
from cnnbench.seeds import Stream, generator

Examples = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # images (a, H, W, C), and their variants (a, v, H, W, C)
PREVIEWED = 6
VARIANTS = 5
OF_A_CLASS = 8


def augmentation_examples(config: Config, dataset: Dataset, images: int = PREVIEWED) -> Examples:
    """Return training images and what augmentation makes of them in some epochs.

    Raises ConfigError naming the augmentation that the images do not suit.
    """
    augmenter = Augmenter(config.augment, config.seed)
    at = np.arange(min(images, len(dataset.train)))
    before = dataset.train.images(at)
    labels = one_hot(dataset.train.labels[at], len(dataset.class_names))
    variants = [augmenter(before, labels, epoch, 0)[0] for epoch in range(VARIANTS)]
    after = np.stack(variants, axis=1)
    return as_pixels(before), as_pixels(after)


def class_examples(split: Split, label: int, seed: int, each: int = OF_A_CLASS) -> tuple[int, Any]:
    """Return how many images of a class a split has, and at most `each` of them drawn by `seed`, (n, H, W, C) uint8.

    They are as the network gets them, before augmentation and normalisation.
    """
    rows = np.flatnonzero(split.labels == label)
    drawn = generator(Stream.SAMPLES, seed, label).choice(rows, min(each, len(rows)), replace=False)
    return len(rows), as_pixels(split.images(np.sort(drawn)))

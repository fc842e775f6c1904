"""Which images are explained: files, test images by their index, or some right and wrong ones by the run's seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError, DataError
from cnnbench.evaluation.image_files import image_files
from cnnbench.evaluation.predictor import Predictor
from cnnbench.explain.subjects.subject import Floats
from cnnbench.seeds import Stream, generator

OF_EACH = 3  # right and wrong ones


@dataclass(frozen=True)
class Chosen:
    """An image to explain, (H, W, C) float32 of 0..255 as the model gets it, and its true class, None where unknown."""

    name: str
    image: Floats
    true: int | None = None


def of_files(given: Sequence[str], predictor: Predictor) -> list[Chosen]:
    """Return images of files, folders and patterns, prepared as the training images were.

    Raises DataError with a line for each that cannot be read.
    """
    found: list[Chosen] = []
    problems: list[str] = []
    for name in image_files(given):
        try:
            found.append(Chosen(name, np.asarray(predictor.prepared(name, name), np.float32)))
        except DataError as e:
            problems += e.problems
    if problems:
        raise DataError(*problems)
    return found


def of_indices(indices: Sequence[int], dataset: Dataset) -> list[Chosen]:
    """Return test images by their index, as predictions.csv has it; raises ConfigError for one that is none."""
    rows = dataset.test.rows.tolist()
    if unknown := [index for index in indices if index not in rows]:
        near = min(rows, key=lambda row: abs(row - unknown[0]))
        raise ConfigError(f"--index {unknown[0]}: no test image has it (see predictions.csv); the nearest is {near}")
    return at_positions([rows.index(index) for index in indices], dataset)


def by_rule(right: NDArray[np.bool_], dataset: Dataset, seed: int) -> tuple[list[Chosen], str]:
    """Return three test images that are classified right and three that are not, drawn by the seed, and that rule."""
    rng = generator(Stream.EXPLAINED, seed, 0)
    some = [np.flatnonzero(wanted) for wanted in (right, ~right)]
    first, second = (np.sort(rng.choice(rows, min(OF_EACH, len(rows)), replace=False)) for rows in some)
    rule = f"{len(first)} test images that are classified right and {len(second)} that are not, drawn by seed {seed}"
    return at_positions([*first.tolist(), *second.tolist()], dataset), rule


def at_positions(positions: Sequence[int], dataset: Dataset) -> list[Chosen]:
    """Return the test images at these positions of their split."""
    test = dataset.test
    images = np.asarray(test.images(np.array(positions, np.int64)), np.float32)
    return [
        Chosen(f"test image {test.rows[at]}", image, int(test.labels[at]))
        for at, image in zip(positions, images, strict=True)
    ]

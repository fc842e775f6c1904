"""What runs predicted for every test image, and where they differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import ConfigError, first_line
from cnnbench.files.csv_text import text_of

Ints = NDArray[np.int64]
COLUMNS = ("index", "name", "true", "predicted")


@dataclass(frozen=True)
class Answers:
    """Of n test images in order: index in the data set, file name or "", true and predicted class, each (n,)."""

    class_names: Sequence[str]
    indices: Sequence[str]
    names: Sequence[str]
    true: Ints
    predicted: Ints

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each prediction is right."""
        correct: NDArray[np.bool_] = self.true == self.predicted
        return correct


def read_answers(path: Path) -> Answers:
    """Read predictions.csv without its probabilities; raises ConfigError for a missing or malformed one."""
    try:
        header, *rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""))) or [[]]
        if tuple(header[: len(COLUMNS)]) != COLUMNS or not rows:
            raise ValueError("holds no predictions")
        class_names = [column.removeprefix("p_") for column in header[len(COLUMNS) :]]
        number = {name: i for i, name in enumerate(class_names)}
        return Answers(
            class_names=class_names,
            indices=[row[0] for row in rows],
            names=[text_of(row[1]) for row in rows],
            true=np.array([number[text_of(row[2])] for row in rows], dtype=np.int64),
            predicted=np.array([number[text_of(row[3])] for row in rows], dtype=np.int64),
        )
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read ({e.strerror})") from None
    except (ValueError, KeyError, IndexError, csv.Error) as e:
        raise ConfigError(f"{path}: not a table of predictions ({first_line(e)})") from None


def majority(answers: Sequence[Answers]) -> Answers:
    """Return what most of several runs predict for each image, of equals the first class; one run is itself."""
    first = answers[0]
    if len(answers) == 1:
        return first
    votes = np.zeros((len(first.true), len(first.class_names)), dtype=np.int64)
    for one in answers:
        votes[np.arange(len(votes)), one.predicted] += 1
    return Answers(first.class_names, first.indices, first.names, first.true, votes.argmax(axis=1))


def disagreeing(answers: Sequence[Answers]) -> Ints:
    """Return the rows of the images for which not all predict the same class."""
    predicted = np.stack([one.predicted for one in answers])
    return np.flatnonzero((predicted != predicted[0]).any(axis=0))

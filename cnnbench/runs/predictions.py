"""`predictions.csv`: index, file name, true and predicted class and probabilities of every image of a split.

A learner that gives no probabilities leaves none; the names of the classes are then those of `metrics.json`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError, first_line
from cnnbench.evaluation import metrics
from cnnbench.files.checked import read_text
from cnnbench.files.csv_text import text_of
from cnnbench.files.whole import write_csv

if TYPE_CHECKING:
    from cnnbench.evaluation.evaluate import Evaluated

COLUMNS = ("index", "name", "true", "predicted")  # before the probabilities


@dataclass(frozen=True)
class Predictions:
    """A split of n images: their rows in the data set and file names or "", (n,) class indices, (n, k) probabilities.

    There are no probabilities where the learner gives none.

    `indices` and `file_names` are empty where nobody asks for them.
    """

    class_names: Sequence[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None
    indices: Sequence[str] = ()
    file_names: Sequence[str] = ()

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each prediction is right, (n,)."""
        correct: NDArray[np.bool_] = self.labels == self.predicted
        return correct

    def confusion_matrix(self) -> NDArray[np.int64]:
        """Return (k, k) counts; rows are true classes, columns predicted ones."""
        return metrics.confusion_matrix(self.labels, self.predicted, len(self.class_names))


def write_predictions(path: Path, evaluated: Evaluated, class_names: Sequence[str]) -> None:
    """Write the file; probabilities with the nine digits that hold a float32. Raises OutputError."""
    names = evaluated.split.names or [""] * len(evaluated.split)
    given = evaluated.probabilities
    columns = [] if given is None else [f"p_{name}" for name in class_names]
    chances = np.empty((len(names), 0)) if given is None else given
    rows = (
        [str(row), name, class_names[true], class_names[guess], *(format(float(p), ".9g") for p in probabilities)]
        for row, name, true, guess, probabilities in zip(
            evaluated.split.rows, names, evaluated.labels, evaluated.predicted, chances, strict=True
        )
    )
    write_csv(path, [*COLUMNS, *columns], rows)


def read_predictions(path: Path, class_names: Sequence[str] = ()) -> Predictions | None:
    """Read the file, or return None where there is none; raises DataError for a malformed one.

    The names of the classes are in it where there are probabilities; None too where they are neither there nor given.
    """
    if not path.exists():
        return None
    text = read_text(path)
    try:
        header, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
        columns = header[len(COLUMNS) :]
        class_names = [column.removeprefix("p_") for column in columns] or class_names
        if not class_names:
            return None
        number = {name: i for i, name in enumerate(class_names)}
        found = Predictions(
            class_names=class_names,
            labels=np.array([number[text_of(row[2])] for row in rows], dtype=np.int64),
            predicted=np.array([number[text_of(row[3])] for row in rows], dtype=np.int64),
            probabilities=np.array([row[len(COLUMNS) :] for row in rows], dtype=np.float64) if columns else None,
            indices=[row[0] for row in rows],
            file_names=[text_of(row[1]) for row in rows],
        )
    except (KeyError, IndexError, ValueError, csv.Error) as e:
        raise DataError(f"{path}: not a table of predictions ({first_line(e)})") from None
    if not rows:
        raise DataError(f"{path}: holds no predictions")
    given = found.probabilities
    if given is not None and (given.shape != (len(rows), len(number)) or not np.isfinite(given).all()):
        raise DataError(f"{path}: not a table of predictions (a probability is no number, or a class is there twice)")
    return found

from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.metrics import classification_report, confusion_matrix

from cnnbench.report import tables
from cnnbench.runs.predictions import Predictions
from cnnbench.runs.run import Run
from cnnbench.text import width
from tests.builders.runs import digits, write_run
from tests.report.conftest import HOSTILE


def predictions(labels, predicted, names) -> Predictions:
    return Predictions(names, np.array(labels), np.array(predicted), np.eye(len(names))[predicted])


def numbers(report: str) -> list[list[float]]:
    """The numbers of every line of a report that has some, class names left out."""
    cells = [[cell.replace(",", "") for cell in line.split()] for line in report.splitlines()]
    found = [[float(c) for c in line[1:] if c.replace(".", "").isdigit()] for line in cells if line]
    return [line for line in found if line]


def test_report_holds_scikit_learns_numbers(run):
    found = Run(run.path).whole().predictions
    ours = tables.classification_report(found, "measured")
    theirs = classification_report(found.labels, found.predicted, digits=6, zero_division=0)
    assert len(numbers(ours)) == len(numbers(theirs)) == 13
    for our_line, their_line in zip(numbers(ours), numbers(theirs), strict=True):
        for our, their in zip(our_line, their_line, strict=True):
            assert our == pytest.approx(their, abs=0.5001e-4)


def test_report_says_what_it_was_measured_on(run):
    assert tables.classification_report(Run(run.path).whole().predictions, "497 digits").startswith("497 digits\n\n")


def test_classes_without_images_or_predictions_score_zero():
    report = tables.classification_report(predictions([0, 0, 1], [0, 0, 0], ["cat", "dog", "owl"]), "")
    lines = {line.split()[0]: line.split()[1:] for line in report.splitlines() if line}
    assert lines["cat"] == ["0.6667", "1.0000", "0.8000", "2"]
    assert lines["dog"] == ["0.0000", "0.0000", "0.0000", "1"]
    assert lines["owl"] == ["0.0000", "0.0000", "0.0000", "0"]


def test_columns_stay_aligned_whatever_the_names(tmp_path):
    found = Run(write_run(tmp_path, digits().named(HOSTILE)).path).whole().predictions
    lines = tables.classification_report(found, "").splitlines()[2:]
    assert len(lines) == 15
    assert {width(line) for line in lines if line} == {width(lines[0])}
    assert not any("\x1b" in line for line in lines)


def test_confusion_table_is_the_confusion_matrix(run):
    found = Run(run.path).whole().predictions
    header, rows = tables.confusion_rows(found)
    assert header == ["true \\ predicted", *digits().class_names]
    assert [row[0] for row in rows] == digits().class_names
    assert np.array_equal([row[1:] for row in rows], confusion_matrix(found.labels, found.predicted))


def test_confusion_csv_reads_back(run):
    from cnnbench.report.write import write_tables

    assert write_tables(run) == [run.confusion_matrix, run.classification_report]
    with run.confusion_matrix.open(newline="") as f:
        rows = list(csv.reader(f))
    assert sum(int(cell) for row in rows[1:] for cell in row[1:]) == 497


@pytest.mark.parametrize("room", [60, 80])
def test_on_a_terminal_long_names_of_classes_are_folded(room):
    names = ["a kind of bird with a rather long name", "cat"]
    found = predictions([0, 1], [0, 1], names)
    lines = tables.classification_report(found, "measured", room).splitlines()
    assert max(map(width, lines)) <= room
    assert {*names[0].split()} < {word for line in lines for word in line.split()}

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


def described(**changes):
    run = {
        "path": "outputs/a/1",
        "name": "a",
        "state": "done",
        "alive": False,
        "smoke": False,
        "epoch": 8,
        "epochs": 20,
    }
    return {**run, "started": "2026-03-01T10:00:00+00:00", "seconds": 61.0, "accuracy": 0.98996, **changes}


def test_run_table_has_a_line_per_run():
    lines = tables.run_table([described(), described(name="[red]x", accuracy=None, path="outputs/b/2")]).splitlines()
    titles = ["started", "(UTC)", "name", "data", "network", "changed", "state", "epochs", "accuracy", "time", "folder"]
    assert lines[0].split() == titles
    first = ["2026-03-01", "10:00", "a", "done", "8/20", "99.00", "%", "1", "min", "1", "s", "outputs/a/1"]
    assert lines[1].split() == first
    assert lines[2].split() == ["2026-03-01", "10:00", "[red]x", "done", "8/20", "1", "min", "1", "s", "outputs/b/2"]


def test_where_a_folder_has_no_room_beside_the_others_it_stands_above_them():
    runs = [described(changes=["train.epochs=8", "seed=1"], data="digits", network="lenet5"), described(name="x" * 39)]
    wide, narrow = tables.run_table(runs, 200).splitlines(), tables.run_table(runs, 60).splitlines()
    assert len(wide) == 3 and "epochs=8, seed=1" in wide[1] and wide[1].endswith("  outputs/a/1")
    assert narrow[::2] == ["folder", "outputs/a/1", "outputs/a/1"] and max(map(len, narrow)) <= 60
    assert narrow[3].split()[:5] == ["digits", "lenet5", "epochs=8,", "seed=1", "done"]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"smoke": True}, "done (smoke)"),
        ({"state": "running", "alive": True}, "running"),
        ({"state": "running", "alive": False}, "stopped"),
        ({"state": "failed", "smoke": True}, "failed (smoke)"),
    ],
)
def test_state_tells_smoke_runs_and_dead_ones(changes, shown):
    columns = tables.run_table([described(**changes)]).splitlines()
    at = columns[0].index("state")
    assert columns[1][at:].split("  ")[0] == shown


def test_empty_cells_for_what_a_run_does_not_have():
    line = tables.run_table([described(started=None, epoch=None, epochs=None, seconds=None, accuracy=None)])
    assert line.splitlines()[1].split() == ["a", "done", "outputs/a/1"]


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

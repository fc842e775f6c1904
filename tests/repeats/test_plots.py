"""The plots of repeats, by what their axes hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnbench.repeats import plots
from cnnbench.repeats.results import Repeats, read_repeats
from cnnbench.repeats.summary import summarize
from cnnbench.runs.folder import RunDir
from tests.repeats.makers import finish, finished, planned, varied


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Repeats:
    return read_repeats(finished(tmp_path_factory.mktemp("repeats")))


def test_curves_have_a_line_per_run_and_a_mean_that_ends_with_the_shortest(found: Repeats) -> None:
    histories = [run.history for run in found.finished]
    figure = plots.curves(histories)
    accuracy = figure.axes[1]
    lines = [np.asarray(line.get_ydata(), float) for line in accuracy.get_lines()]
    assert [len(line) for line in lines] == [8, 5, 8, 5] * 2
    training = np.array([[row["accuracy"] for row in history[:5]] for history in histories])
    np.testing.assert_allclose(lines[3], training.mean(axis=0))
    (band, _) = accuracy.collections
    edges = band.get_paths()[0].vertices
    assert edges[:, 1].max() == pytest.approx(training.max()) and edges[:, 1].min() == pytest.approx(training.min())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        f"{part}, {what}" for part in ("training", "validation") for what in ("lowest to highest", "mean of 3")
    ]


def test_every_run_has_its_accuracy_and_interval(found: Repeats) -> None:
    summary = summarize(found)
    (axes,) = plots.accuracies(summary).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["seed-0", "seed-7", "seed-42", "mean"]
    intervals = [segments.get_segments()[0][:, 0].tolist() for segments in axes.collections]
    assert intervals == [*summary["wilson"].values(), summary["metrics"]["accuracy"]["interval"]]


def test_scores_of_classes_are_sorted_and_stay_between_0_and_1(found: Repeats) -> None:
    lines = summarize(found)["per_class"]
    assert all(0 <= end <= 1 for line in lines for end in line["f1"]["interval"] or ())
    (axes,) = plots.per_class(lines).axes
    means = [line["f1"]["mean"] for line in sorted(lines, key=lambda line: line["f1"]["mean"])]
    assert [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"] == means
    ends = np.concatenate([segments.get_segments()[0][:, 0] for segments in axes.collections])
    assert 0 <= ends.min() < ends.max() <= 1


def test_confusions_of_all_runs_add_up(found: Repeats) -> None:
    drawn = dict(plots.draw(found, summarize(found)))
    assert list(drawn) == ["curves", "accuracy", "per_class", "confusion_matrix", "confusion_matrix_normalized"]
    cells = sum(int(text.get_text().replace(",", "") or 0) for text in drawn["confusion_matrix"].axes[0].texts)
    assert cells == 3 * len(varied(0).labels)


def test_predictions_that_are_gone_leave_the_other_plots(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    RunDir(folder.child("seed-7")).predictions.unlink()
    found = read_repeats(folder)
    assert [name for name, _ in plots.draw(found, summarize(found))] == ["curves", "accuracy", "per_class"]


def test_one_run_is_drawn_without_intervals(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0, epochs=1))
    found = read_repeats(folder)
    (axes,) = plots.accuracies(summarize(found)).axes
    assert len(axes.collections) == 1
    assert len(list(plots.draw(found, summarize(found)))) == 5

"""The plots of repeats, by what their axes hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnbench.repeats import plots
from cnnbench.repeats.results import Repeats, read_repeats
from cnnbench.repeats.summary import summarize
from cnnbench.runs.folder import RunDir
from tests.builders.repeated import finish, finished, planned, varied
from tests.report.test_plots import laid_out

pytestmark = pytest.mark.drawn


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Repeats:
    return read_repeats(finished(tmp_path_factory.mktemp("repeats")))


def test_every_run_has_its_accuracy_and_interval(found: Repeats) -> None:
    summary = summarize(found)
    axes = laid_out(plots.accuracies(summary))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["seed-0", "seed-7", "seed-42", "mean"]
    bars = [list(line.get_xdata()) for line in axes.get_lines() if line.get_linewidth() == 3]
    assert bars == [*summary["wilson"].values(), summary["metrics"]["accuracy"]["interval"]]


def test_scores_of_classes_are_sorted_and_stay_between_0_and_1(found: Repeats) -> None:
    lines = summarize(found)["per_class"]
    assert all(0 <= end <= 1 for line in lines for end in line["f1"]["interval"] or ())
    axes = laid_out(plots.per_class(lines))
    (means,) = [line.get_xdata().tolist() for line in axes.get_lines() if line.get_marker() == "o"]
    assert means == sorted((line["f1"]["mean"] for line in lines), reverse=True)
    ends = np.concatenate([line.get_xdata() for line in axes.get_lines() if line.get_linewidth() == 3])
    assert 0 <= ends.min() < ends.max() <= 1


def test_curves_are_of_all_runs_and_end_with_the_shortest(found: Repeats) -> None:
    figure = next(plots.figures(found, summarize(found)))
    lines = laid_out(figure.panels[1]).get_lines()
    assert [len(line.get_xdata()) for line in lines] == [8, 5, 8, 5] * 2
    training = np.array([[row["accuracy"] for row in run.history[:5]] for run in found.finished])
    np.testing.assert_allclose(lines[3].get_ydata(), training.mean(axis=0))


def test_confusions_of_all_runs_add_up(found: Repeats) -> None:
    drawn = {figure.name: figure for figure in plots.figures(found, summarize(found))}
    assert list(drawn) == ["curves", "accuracy", "per_class", "confusion_matrix"]
    cells = laid_out(drawn["confusion_matrix"].panels[0]).texts
    assert sum(int(t.get_text().replace(",", "")) for t in cells if "%" not in t.get_text()) == 3 * len(
        varied(0).labels
    )


def test_predictions_that_are_gone_leave_the_other_plots(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    RunDir(folder.child("seed-7")).predictions.unlink()
    found = read_repeats(folder)
    drawn = plots.figures(found, summarize(found))
    assert [figure.name for figure in drawn] == ["curves", "accuracy", "per_class"]


def test_one_run_is_drawn_without_intervals(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0, epochs=1))
    found = read_repeats(folder)
    axes = laid_out(plots.accuracies(summarize(found)))
    assert len([line for line in axes.get_lines() if line.get_linewidth() == 3]) == 1
    assert len(list(plots.figures(found, summarize(found)))) == 4

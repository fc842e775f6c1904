"""What a run is in Python, read from a folder that was made without a training."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import cnnbench
from cnnbench.errors import ConfigError
from cnnbench.report.plots import PLOTS
from cnnbench.runs.folder import RunDir
from tests.builders.compared import repeats
from tests.builders.runs import digits, write_interrupted_run, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return write_run(tmp_path_factory.mktemp("outputs"), digits())


def test_an_opened_run_has_all_that_its_folder_holds(run: RunDir) -> None:
    found = cnnbench.open(run.path.parent)
    assert (found.path, found.report, found.name) == (run.path, run.report, "digits-linear")
    assert found.accuracy == found.metrics["accuracy"] == 450 / 497
    assert found.status["state"] == "done" and len(found.history) == 8
    assert found.class_names.tolist() == [str(i) for i in range(10)]
    assert found.predictions is not None and found.predictions.probabilities.shape == (497, 10)
    assert found.confusion_matrix is not None
    assert (found.confusion_matrix.sum(), np.trace(found.confusion_matrix)) == (497, 450)
    assert found.as_dict()["metrics"] == found.metrics


def test_its_history_is_arrays_and_a_frame(run: RunDir, tmp_path: Path) -> None:
    found = cnnbench.open(run.path)
    arrays, frame = found.history_arrays, found.history_frame
    assert arrays["epoch"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8] and arrays["loss"].dtype == np.float64
    assert arrays["val_loss"].tolist() == [row["val_loss"] for row in found.history]
    assert frame.index.tolist() == [1, 2, 3, 4, 5, 6, 7, 8] and frame.index.name == "epoch"
    assert frame["accuracy"].tolist() == arrays["accuracy"].tolist() and "epoch" not in frame
    empty = write_interrupted_run(tmp_path, digits())
    empty.history.write_text(run.history.read_text().splitlines()[0] + "\n")
    assert cnnbench.open(empty.path).history_arrays == {} and cnnbench.open(empty.path).history_frame.empty


def test_without_pandas_there_is_no_frame(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="history_frame: needs pandas, which is not installed"):
        _ = cnnbench.open(run.path).history_frame


def test_its_plots_are_figures_by_name(run: RunDir) -> None:
    from matplotlib.figure import Figure

    figures = cnnbench.open(run.path).figures
    not_asked_for = {"dead_units", "robustness"}
    assert set(figures) == {plot.name for plot in PLOTS} - not_asked_for
    assert all(isinstance(figure, Figure) and figure.axes for figure in figures.values())


def test_it_is_three_lines_at_a_prompt_and_a_small_page_in_a_notebook(run: RunDir) -> None:
    found = cnnbench.open(run.path)
    first, second, third = repr(found).splitlines()
    assert first == f"digits-linear, done: {run.path}"
    assert second.startswith("test accuracy 90.54 % of 497 images, 95 % interval ")
    assert third == f"8 of 20 epochs in 3.4 s; report: {run.report}"
    page = found._repr_html_()
    assert "<h4>digits-linear</h4>" in page and page.count("<tr>") == 5 and page.count("<polyline") == 2
    assert len(page) < 3000


def test_names_cannot_write_the_page(tmp_path: Path) -> None:
    found = cnnbench.open(write_run(tmp_path, digits(2), name="<b>x").path)
    assert "<h4>&lt;b&gt;x</h4>" in found._repr_html_()


def test_a_run_without_results_says_so(tmp_path: Path) -> None:
    found = cnnbench.open(write_interrupted_run(tmp_path, digits()).path)
    assert (found.metrics, found.predictions, found.confusion_matrix) == ({}, None, None)
    assert found.class_names.tolist() == []
    assert repr(found).splitlines()[1] == "test accuracy not measured (yet)"
    with pytest.raises(ConfigError, match=r"was not tested \(state: interrupted\)"):
        _ = found.accuracy


def test_several_runs_are_not_opened_as_one(tmp_path: Path) -> None:
    parent = repeats(tmp_path, {0: [1], 1: [2]})
    with pytest.raises(ConfigError, match=f"repeats of one run, .*, such as {parent}/seed-0$"):
        cnnbench.open(parent)
    with pytest.raises(ConfigError, match="nowhere: not a run folder"):
        cnnbench.open(tmp_path / "nowhere")


def test_dir_shows_what_is_public() -> None:
    assert dir(cnnbench) == ["CnnbenchError", "Result", "Run", "__version__", "open", "run"]
    assert all(getattr(cnnbench, name) for name in dir(cnnbench))
    with pytest.raises(AttributeError, match="module 'cnnbench' has no attribute 'runn'"):
        _ = cnnbench.runn  # type: ignore[attr-defined]


def test_types_are_shipped() -> None:
    assert (Path(cnnbench.__file__).parent / "py.typed").is_file()

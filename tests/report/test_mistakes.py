"""Images of single mistakes on a run's page: by cell of the confusion matrix, and close answers."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest

from cnnbench.report import mistakes
from cnnbench.report.write import write_report
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.views.gallery import Gallery
from tests.builders.runs import digits, write_run

CELL = re.compile(r'<details id="cell-(\d+)-(\d+)">(.*?)</details>', re.DOTALL)


def test_a_page_has_the_images_of_every_cell(run: RunDir) -> None:
    write_report(run)
    found = {(int(t), int(p)): inside for t, p, inside in CELL.findall(run.report.read_text())}
    predictions = Run(run.path).predictions
    assert predictions is not None
    matrix = predictions.confusion_matrix()
    assert set(found) == {(int(t), int(p)) for t, p in np.argwhere(matrix)}
    for (true, predicted), inside in found.items():
        images = int(matrix[true, predicted])
        assert f"{images} image{'' if images == 1 else 's'}" in inside
        assert inside.count("<img") == (min(images, mistakes.IN_A_CELL) if true != predicted else inside.count("<li"))
        said = re.findall(r'alt="image \d+: (\d), taken for (\d) with [\d.]+ %"', unescape(inside))
        assert said == [(str(true), str(predicted))] * inside.count("<img")
    wrong = [int(matrix[cell]) for cell in found if cell[0] != cell[1]]
    assert wrong == sorted(wrong, reverse=True)
    assert all(true == predicted for true, predicted in list(found)[len(wrong) :])


def test_close_answers_are_right_ones(run: RunDir) -> None:
    write_report(run)
    section = run.report.read_text().partition('<section id="unsure"')[2].partition("</section>")[0]
    assert section.count("✓") == section.count("<img") == 12 and "✗" not in section
    first, second = re.findall(r"<span>([\d.]+) %</span>", section)[:2]
    assert 0 <= float(first) - float(second) < 10


@pytest.mark.parametrize("missing", ["gallery", "predictions"])
def test_a_run_without_pictures_has_a_page_without_them(missing: str, run: RunDir) -> None:
    getattr(run, missing).unlink()
    write_report(run)
    html = run.report.read_text()
    assert not CELL.search(html) and 'id="unsure"' not in html and "Metrics on the" in html


def test_without_probabilities_images_are_shown_and_what_is_left_out_is_said(tmp_path) -> None:
    run = write_run(tmp_path, digits())
    found = Run(run.path).predictions
    assert found is not None
    rows = zip(found.indices, found.labels, found.predicted, strict=True)
    lines = [f"{i},,{found.class_names[t]},{found.class_names[p]}" for i, t, p in rows]
    run.predictions.write_text("index,name,true,predicted\n" + "\n".join(lines))
    run.config.write_text(run.config.read_text().replace("  name: linear\n", "  estimator: {LinearSVC: {}}\n"))
    results = Run(run.path)
    assert any(isinstance(part, Gallery) and part for part in mistakes.by_cell(results))
    write_report(run)
    html = run.report.read_text()
    assert len(CELL.findall(html)) > 10 and "LinearSVC gives no probabilities: there is no telling which" in html

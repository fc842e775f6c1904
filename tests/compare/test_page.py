from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnnbench.compare import plots
from cnnbench.compare.comparison import Comparison, Options, compare
from cnnbench.compare.disagreements import class_differences, disagreements, kept_images
from cnnbench.compare.document import as_document
from cnnbench.compare.networks import networks
from cnnbench.compare.page import page as page_of
from cnnbench.files.whole import write_json, write_text
from cnnbench.runs.folder import RunDir
from cnnbench.text import label
from cnnbench.views.page import render
from tests.builders.compared import finished
from tests.compare.conftest import group_of
from tests.report.test_browser import CHROMIUM, chromium, measured
from tests.report.test_plots import laid_out

pytestmark = pytest.mark.drawn


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, seeds, better, worse) -> Comparison:
    """Single runs, repeats, and one run with a name that means something in HTML."""
    root = tmp_path_factory.mktemp("hostile")
    run = finished(root, range(40), name="hostile")
    write_text(run.config, "name: '<script>alert(1)</script>'\nmodel: {name: odd}\n")
    arguments = [*seeds, better.path, worse.path, run.path]
    return compare([str(path) for path in arguments], Options())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, everything) -> RunDir:
    run = RunDir(tmp_path_factory.mktemp("page"))
    write_text(run.report, render(page_of(everything, run.path)))
    return run


def test_the_page_holds_everything_itself(page):
    html = page.report.read_text(encoding="utf-8")
    assert "default-src 'none'; img-src data:" in html
    assert not re.search(r"(href|src)=.?https?://|<script>alert", html)
    assert "&lt;script&gt;alert(1)" in html
    assert html.count("<figure") == 4
    for said in ("better is better than worse on these 497 images", "cannot be tested against each other", "Folders"):
        assert said in html


def test_the_page_of_data_sets_side_by_side(tmp_path, better):
    finished(tmp_path, [1], name="a", images="2" * 64)
    found = compare([str(tmp_path), str(better.path)], Options(different_data=True))
    html = render(page_of(found))
    assert html.count('id="ranking-') == 2
    assert "Differences</h2>" not in html and "tested on different images" in html


def test_runs_that_agree_have_no_images_to_show(tmp_path, better):
    same = finished(tmp_path, range(10), name="same")
    html = render(page_of(compare([str(better.path), str(same.path)], Options())))
    assert "They predict the same class for every image." in html


def test_runs_without_validation_have_no_curves(tmp_path):
    for name in "ab":
        run = finished(tmp_path, [len(name)], name=name)
        run.history.write_text("epoch,loss,accuracy\n1,0.5,0.9\n")
    html = render(page_of(compare([str(tmp_path)], Options())))
    assert html.count("<figure") == 3


def test_disagreements_show_pictures_first_then_those_that_one_has_right(better, worse):
    from cnnbench.compare.difference import difference

    a, b = group_of(better, name="A"), group_of(worse, name="B")
    images = kept_images([a, b])
    stored = np.load(better.samples)
    at = int(stored["rows"][0])
    np.testing.assert_array_equal(images[at], stored["images"][0])
    found = disagreements(difference(a, b), images, 100)
    assert [one.row for one in found if one.image is None] == sorted(one.row for one in found if one.image is None)
    pictured = [one.image is not None for one in found]
    assert pictured == sorted(pictured, reverse=True) and any(pictured) and not all(pictured)
    assert {one.row for one in found} == {*range(5), *range(10, 35)}
    assert all((one.a == one.true) != (one.b == one.true) for one in found)
    assert len(disagreements(difference(a, b), images, 7)) == 7


def test_curves_are_drawn_with_a_band_for_repeats_alone(everything):
    groups = everything.blocks[0].groups
    loss, accuracy, _ = map(laid_out, plots.learning_curves(groups))
    assert len(loss.collections) == len(accuracy.collections) == 2  # first and second are repeats
    assert len(loss.get_legend().get_texts()) == 5
    assert len(loss.lines) == 5 + 2 * 3


def test_accuracies_are_drawn_where_they_are(everything):
    block = everything.blocks[0]
    axes = laid_out(plots.accuracies(block.groups, block.baseline))
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == [label(group.name) for group in block.groups]
    spans = [tuple(line.get_xdata()) for line in axes.lines if line.get_linewidth() == 3]
    np.testing.assert_allclose(spans, [group.accuracy_interval for group in block.groups])


def test_class_differences_are_drawn_around_the_baseline(everything):
    block = everything.blocks[0]
    lines = class_differences(block.baseline, block.groups[1:])
    axes = laid_out(plots.differences(lines, block.groups, block.baseline))
    drawn = next(line for line in axes.lines if line.get_label() == label(block.groups[1].name, 36))
    np.testing.assert_allclose(drawn.get_xdata(), [line.differences[0] for line in lines])


def written(panel) -> list[str]:
    return [text.get_text() for text in laid_out(panel).texts]


def test_confusion_matrices_stand_side_by_side_those_of_repeats_summed(everything):
    block = everything.blocks[0]
    figure = plots.matrices(block, 1)
    assert [laid_out(panel).get_title().rpartition(", ")[0] for panel in figure.panels] == [
        label(group.name, 36) for group in block.groups
    ]
    counts = [int(group.matrix.sum()) for group in block.groups]
    assert counts == [497 * len(group.runs) for group in block.groups] and max(counts) == 3 * 497
    first = block.groups[0].matrix
    assert written(figure.panels[0])[0] == f"{100 * first[0, 0] / first[0].sum():.0f}"


def test_of_more_than_six_the_differences_to_the_baseline_are_drawn(tmp_path):
    for wrong in range(8):
        finished(tmp_path, range(wrong), name=f"wrong-{wrong}")
    (block,) = compare([str(tmp_path)], Options(baseline="wrong-0")).blocks
    figure = plots.matrices(block, 1)
    titles = [laid_out(panel).get_title() for panel in figure.panels]
    assert titles == ["wrong-0, 100.00 %", *(f"wrong-{wrong} minus it" for wrong in range(1, 6))]
    label_of_first, images = block.baseline.answers.labels[0], block.baseline.matrix.sum(axis=1)
    points = f"{100 / images[label_of_first]:.0f}"
    assert written(figure.panels[1]) == [f"−{points}", f"+{points}"]


def test_networks_stand_side_by_side_where_they_differ(tmp_path):
    one, other = (finished(tmp_path, range(n), name="abc"[n]) for n in (1, 2))
    layers = json.loads(other.layers.read_text())
    write_json(other.layers, {**layers, "macs": 7, "parameters": {"total": 9, "trainable": 5}})
    found = compare([str(one.path), str(other.path)], Options())
    b, c = networks(found.groups).rows
    assert (b.name, c.name, c.macs, c.parameters, c.trainable, c.weights_bytes) == ("b", "c", 7, 9, 5, 36)
    assert "<h2>Networks</h2>" in render(page_of(found))
    assert as_document(found)["blocks"][0]["networks"][1]["macs"] == 7
    assert networks([found.groups[0]]).rows == []


def test_names_lead_to_the_pages_of_their_runs(tmp_path, better, worse):
    better.report.write_text("a page")
    shown = render(page_of(compare([str(better.path), str(worse.path)], Options()), tmp_path))
    better.report.unlink()
    (href,) = set(re.findall(r'<a href="([^#"]+)"', shown))
    assert (tmp_path / href).resolve() == better.report.resolve()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits(tmp_path, page, width):
    found = measured(tmp_path, page, width)
    assert found["images"] > 20 and found["broken"] == 0
    assert found["needed"] <= found["inside"] == width
    assert (found["beyond"], found["loaded"], found["alerted"]) == ([], [], False)
    assert found["heading"] == "Comparison of 5 (9 runs)"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
def test_the_page_opens_from_disk_with_its_own_policy(tmp_path, page):
    copy = Path(shutil.copy(page.report, tmp_path / "page.html"))
    assert "<h2>F1 per class</h2>" in chromium(tmp_path, copy, "--dump-dom")

"""The page of repeats: what it says of runs that finished, failed or never began, and how it looks in a browser."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from cnnbench.files.whole import write_json
from cnnbench.repeats.write import write_report
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir
from cnnbench.text import percent
from tests.builders.repeated import finish, finished, planned, varied
from tests.report.conftest import HOSTILE
from tests.report.test_browser import CHROMIUM, measured

pytestmark = pytest.mark.drawn


def words(folder: RepeatsDir) -> str:
    """Return the page's text on one line, tags and pictures left out."""
    body = re.sub(r"(?s)<svg.*?</svg>", "", folder.report.read_text(encoding="utf-8").partition("<body>")[2])
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> RepeatsDir:
    folder = finished(tmp_path_factory.mktemp("seeds"))
    write_report(folder)
    return folder


def test_everything_is_written(seeds: RepeatsDir) -> None:
    summary = json.loads(seeds.summary.read_text())
    assert summary["runs"] == 3
    with seeds.curves.open() as f:
        assert [row["runs"] for row in csv.DictReader(f)] == ["3"] * 5 + ["2"] * 3
    drawn = {"curves", "accuracy", "per_class", "confusion_matrix"}
    assert {p.name for p in seeds.plots.iterdir()} == {f"{name}.{kind}" for name in drawn for kind in ("png", "pdf")}
    assert seeds.report.read_text().count("<figure") == len(drawn)


def test_the_page_says_mean_spread_and_how_they_were_found(seeds: RepeatsDir) -> None:
    accuracy = json.loads(seeds.summary.read_text())["metrics"]["accuracy"]
    low, high = map(percent, accuracy["interval"])
    text = words(seeds)
    assert f"{percent(accuracy['mean'])} mean test accuracy" in text
    assert "3 runs (seeds 0, 7, 42) on 497 test images of digits" in text
    assert f"95 % interval {low} to {high} (t interval over runs)" in text
    assert "Student's t interval, 95 %" in text and "says nothing of other test images" in text
    assert "Not all runs" not in text and "smoke" not in text


def test_the_page_links_to_the_pages_of_its_runs(seeds: RepeatsDir) -> None:
    for name in ("seed-0", "seed-7", "seed-42"):
        (seeds.child(name) / "report.html").write_text("a page")
    write_report(seeds)
    links = re.findall(r' href="([^#"]+)"', seeds.report.read_text())
    assert links == ["seed-0/report.html", "seed-7/report.html", "seed-42/report.html"]
    assert all((seeds.path / link).exists() for link in links)


def test_folds_say_what_all_held_out_images_gave(tmp_path: Path) -> None:
    folder = finished(tmp_path, "folds")
    for index in (1, 2, 3):
        write_json(RunDir(folder.child(f"fold-{index}")).split, {"validation": {"images": 200, "per_class": {}}})
    write_report(folder)
    text = words(folder)
    assert "3 runs (3 folds)" in text
    assert "(600, each held out once)" in text
    assert "Folds share most of their training images" in text


def test_runs_that_failed_are_told_with_their_reason(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0))
    finish(folder, "seed-42", varied(2))
    reason = "2 of 3 runs; seed-7: epoch 2: loss is nan"
    failed = {"seed-7": "epoch 2: loss is nan"}
    write_json(folder.status, {"state": "failed", "reason": reason, "seconds": 3.0, "failed": failed})
    write_report(folder)
    text = words(folder)
    assert "Not all runs have finished: 2 of 3 runs" in text
    assert re.search("seed-7 [– of0]* not begun: epoch 2: loss is nan", text)
    assert "Metrics over 2 of 3 runs" in text


def test_a_page_without_any_result(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    write_report(folder)
    for name in ("seed-0", "seed-7", "seed-42"):
        RunDir(folder.child(name)).metrics.unlink()
    assert [path.name for path in write_report(folder)] == ["report.html"]
    assert "– no result yet 0 of 3 runs, seeds 0, 7, 42" in words(folder)
    assert not folder.summary.exists() and not any(folder.plots.iterdir())


def test_smoke_runs_say_so(tmp_path: Path) -> None:
    folder = planned(tmp_path, smoke=True)
    finish(folder, "seed-0", varied(0))
    write_report(folder)
    assert "Their numbers say nothing about the network" in words(folder)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_whatever_the_classes_are_called(width: int, tmp_path: Path) -> None:
    folder = planned(tmp_path)
    for seed, name in enumerate(("seed-0", "seed-7")):
        finish(folder, name, replace(varied(seed), class_names=HOSTILE))
    write_json(folder.status, {"state": "failed", "reason": "<b>" + "x" * 300, "seconds": 3.0, "failed": {}})
    write_report(folder)
    found = measured(tmp_path, RunDir(folder.path), width)
    assert (found["images"], found["broken"], found["loaded"], found["alerted"]) == (0, 0, [], False)
    assert found["inside"] == width and found["needed"] <= width
    assert found["beyond"] == []
    assert found["heading"] == "tiny"

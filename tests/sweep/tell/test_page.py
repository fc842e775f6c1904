from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from cnnbench.errors import OutputError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell import page
from cnnbench.views.script import POLICY
from tests.builders import sweeps as made
from tests.builders.sweeps import HOSTILE, MADE, with_runs
from tests.report.test_browser import CHROMIUM, measured
from tests.report.test_page import Page

pytestmark = pytest.mark.drawn

NAMES = [
    "broken_grid",
    "one_seed",
    "sampled",
    "two_objectives",
    "hostile",
    "in_turn",
    "ablated",
    "none_done",
    "nothing",
]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[[str], SweepDir]:
    """Give the folders of made sweeps by name, each written once, to be looked at only."""

    @cache
    def give(name: str) -> SweepDir:
        folder = SweepDir(tmp_path_factory.mktemp(name))
        results = with_runs(folder.trials, MADE[name]())
        folder.sweep.write_text(results.sweep.text)
        for run in results.trials[0].runs if results.trials else ():
            RunDir(Path(str(run.path))).report.write_text("a page")
        page.write_all(folder, results)
        return folder

    return give


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_well_formed_and_needs_nothing_from_outside(written, name):
    found = Page(written(name))
    assert (found.open, found.misplaced) == ([], [])
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"link", "iframe", "object", "embed", "base"}
    assert not [key for _, attributes in found.elements for key in attributes if key.startswith("on")]
    policy = [attributes.get("content") for _, attributes in found.elements if attributes.get("http-equiv")]
    allowed = re.findall("script-src ([^;]*)", policy[0])
    assert policy == [POLICY.format(scripts=scripts) for scripts in allowed]
    inline = [attributes for tag, attributes in found.elements if tag == "script" and "type" not in attributes]
    assert re.fullmatch(" ".join(["'sha256-[^']{44}'"] * len(inline)) or "'none'", allowed[0])
    for source in found.attributes("src"):
        assert source.startswith("data:image/png;base64,")


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_sections_or_files_of_the_sweep(written, name):
    folder = written(name)
    found = Page(folder)
    ids = found.attributes("id")
    assert len(ids) == len(set(ids))
    for href in found.attributes("href"):
        assert href[1:] in ids if href.startswith("#") else (folder.path / href).exists(), href


@pytest.mark.parametrize("name", NAMES)
def test_every_plot_is_written_and_on_the_page(written, name):
    folder = written(name)
    plots = sorted(folder.plots.glob("*.png"))
    assert sorted(path.stem for path in folder.plots.glob("*.pdf")) == [path.stem for path in plots]
    assert folder.report.read_text().count("<figure") == len(plots)
    assert len(plots) == {"nothing": 0, "none_done": 2, "one_seed": 3}.get(name, len(plots)) >= (name != "nothing")


def test_the_page_says_what_was_best_and_on_what_it_was_measured(written):
    text = " ".join(Page(written("broken_grid")).text.split())
    assert "81.39 % best val_accuracy mean over 3 seeds on the validation images of digits" in text
    assert "95 % interval 80.08 to 82.71 % (Student's t over seeds)" in text
    assert "trial 17: epochs 20, learning_rate 0.001" in text
    assert "What learning rate and epochs do to a small network." in text
    assert "1 17 81.39 ± 0.53 % 80.08 to 82.71 % 20 0.001 80.99 ± 0.53 % 20 30.0 s done" in text
    assert "The best trial with this value. Not every combination is done" in text
    for fact in ("Seeds per point 3", "Method grid", "Budget without limit"):
        assert fact in text


def test_an_unfinished_sweep_says_so_and_a_finished_one_does_not(written):
    banner = "This sweep is not finished (interrupted): 16 done, 1 pruned, 1 failed, 1 running."
    assert banner in Page(written("broken_grid")).text
    assert "This sweep still runs: 1 failed, 1 running." in Page(written("none_done")).text
    assert "not finished" not in Page(written("one_seed")).text


def test_a_smoke_sweep_says_so(tmp_path):
    folder = SweepDir(tmp_path)
    page.write_all(folder, replace(MADE["one_seed"](), smoke=True))
    assert "Its numbers say nothing about the networks." in Page(folder).text


def test_a_failed_trial_has_its_reason_and_the_tail_of_its_log(written):
    found = Page(written("broken_grid"))
    assert "trial 4: diverged: the loss is not a number in epoch 2 epochs 1, learning_rate 0.1; 2 epochs" in " ".join(
        found.text.split()
    )
    assert "loss: nan <b>" in found.text
    assert "not worth going on after epoch 2" in found.text
    assert (
        found.attributes("href").count("trials/p0000000/seed-0/report.html") == 2
    )  # the one run with a page, ranked and pruned


def test_the_best_configuration_is_ready_to_run(written):
    folder = written("sampled")
    found = Page(folder)
    assert yaml.safe_load(folder.best.read_text()) == {"name": "tiny", "train": {"epochs": 20}}
    assert folder.best.read_text() in found.text
    assert f"cnnbench train {folder.best}" in found.text
    assert "search: {method: tpe}" in found.text


def test_names_from_files_are_text_and_nothing_else(written):
    found = Page(written("hostile"))
    source = written("hostile").report.read_text(encoding="utf-8")
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in source
    assert HOSTILE[0] in found.text and "日本語" in found.text
    assert "\u202e" not in source and "\x1b" not in source
    assert not re.search(r"<b>\.\$y\$", source)


def test_several_objectives_lead_with_the_front(written):
    text = " ".join(Page(written("two_objectives")).text.split())
    assert "9 on the Pareto front of 40 finished trials" in text
    assert "Trials of rank 1 are on the Pareto front" in text


def test_without_a_finished_trial_there_is_a_page_and_no_best_configuration(written):
    for name in ("none_done", "nothing"):
        folder = written(name)
        assert "no finished trial yet" in Page(folder).text
        assert not folder.best.exists()
        assert folder.leaderboard.exists()


def test_write_all_returns_what_it_wrote_with_the_page_last(tmp_path):
    folder = SweepDir(tmp_path)
    paths = page.write_all(folder, MADE["two_axes"]())
    assert paths[:2] == [folder.leaderboard, folder.best] and paths[-1] == folder.report
    assert set(paths) == {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in paths} >= {"best_so_far.png", "heat_map-val_accuracy.png"}


HEAVY = {"tensorflow", "keras", "optuna"}


def imported(folder: Path, name: str, plots: bool) -> set[str]:
    """Write a sweep in a fresh process and return which packages it has imported."""
    code = f"""
import sys
from pathlib import Path
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell.page import write_all
from tests.builders.sweeps import MADE
write_all(SweepDir(Path(sys.argv[1])), MADE[{name!r}](), plots={plots})
print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_after_a_trial_only_the_cheap_parts_are_written(tmp_path):
    folder = SweepDir(tmp_path)
    assert page.write_all(folder, MADE["two_axes"](), plots=False) == [folder.leaderboard, folder.best]
    assert set(tmp_path.iterdir()) == {folder.leaderboard, folder.best}
    assert not imported(tmp_path, "sampled", plots=False) & (HEAVY | {"matplotlib", "jinja2"})


def test_the_whole_page_is_drawn_without_tensorflow_and_optuna(tmp_path):
    assert not imported(tmp_path, "one_seed", plots=True) & HEAVY
    assert SweepDir(tmp_path).report.exists()


def test_plots_of_an_earlier_state_are_removed_and_other_pictures_kept(tmp_path):
    folder = SweepDir(tmp_path)
    page.write_all(folder, MADE["broken_grid"]())
    (folder.plots / "mine.png").write_bytes(b"a picture of somebody's own")
    page.write_all(folder, MADE["one_seed"]())
    assert {path.name for path in folder.plots.iterdir()} == {
        *(
            f"{name}.{kind}"
            for name in ("against-train.optimizer.learning_rate", "best_so_far")
            for kind in ("png", "pdf")
        ),
        "mine.png",
    }


def test_swept_data_is_not_named_as_what_was_measured_on(tmp_path):
    folder = SweepDir(tmp_path)
    page.write_all(folder, made.grid(made.choices("data.source", "digits", "mnist")))
    text = Page(folder).text
    assert "on the validation images; 95 % interval" in text


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    folder = SweepDir(tmp_path / "taken")
    folder.path.write_text("a file")
    with pytest.raises(OutputError, match=r"taken.* cannot be written"):
        page.write_all(folder, MADE["one_seed"](), plots=False)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["broken_grid", "hostile", "nothing"])
def test_the_page_fits_a_phone_and_a_screen(tmp_path, written, name, width):
    found = measured(tmp_path, RunDir(written(name).path), width)
    assert (found["inside"], found["broken"], found["beyond"], found["loaded"]) == (width, 0, [], [])
    assert found["needed"] <= width
    assert found["alerted"] is False

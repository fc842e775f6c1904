"""`cnnbench profile` keeps to its time, tells what it found in three ways, and refuses what has no steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnbench.profiling.clock import Spread
from cnnbench.profiling.found import Profile, Ramp, Size, Suggestion
from cnnbench.profiling.page import write_page
from cnnbench.profiling.tables import suggestions
from tests.report.command import cnnbench
from tests.tools import tiny, write_config


def test_a_training_in_plain_numpy(tmp_path: Path) -> None:
    config = write_config(tmp_path, tiny(augment=[], train__watch_dead_units=False))
    code, out, err = cnnbench("profile", config, "--backend", "numpy", "--seconds", 2, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found["parts"]) == ["input", "forward", "backward", "update", "whole step"]
    assert found["batch_size"] == 32 and found["backend"] == "numpy" and found["page"] is None
    assert {size["batch_size"] for size in found["batch_sizes"]} <= {16, 32, 64, 128}
    assert "layers, precision and threads: not of a network in plain NumPy" in found["notes"]


def test_too_little_time_is_said(tmp_path: Path) -> None:
    code, out, err = cnnbench("profile", write_config(tmp_path, tiny()), "--seconds", 1, "--quiet")
    assert (code, err) == (0, "") and out.splitlines()[-1] != ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["svc-digits"], "model.estimator: SVC is fitted as a whole by scikit-learn: it has no steps to profile"),
        (["lenet5-digits", "--page", "x.txt"], "--page x.txt: the page is an .html file"),
        (
            ["lenet5-digits", "augment=[]", "--backend", "numpy", "--learning-rates"],
            "--learning-rates: the range test is made with Keras; found train.backend: numpy",
        ),
    ],
)
def test_what_cannot_be_profiled_is_one_line(arguments: list[str], said: str) -> None:
    assert cnnbench("profile", *arguments) == (2, "", f"error: {said}\n")


SPREAD = Spread((0.010, 0.011, 0.012, 0.013, 0.014))


@pytest.mark.drawn
def test_the_page_shows_tables_plots_and_what_to_paste(tmp_path: Path) -> None:
    found = Profile("lenet<5>", {"backend": "tensorflow", "devices": ["CPU"], "threads": 2}, 32)
    found.parts = {"forward": SPREAD, "whole step": SPREAD}
    found.sizes = [Size(32, SPREAD, 10**9), Size(64, SPREAD, None)]
    found.ramps = [Ramp([1e-3, 1e-2, 1e-1], [3.0, 2.0, 4.0], 1e-2)]
    found.suggestions = [Suggestion("train.batch_size=64", "2.00 times"), Suggestion("train.threads=1", "faster")]
    write_page(found, tmp_path / "p.html")
    page = (tmp_path / "p.html").read_text()
    assert "lenet&lt;5&gt;" in page and page.count("<svg") == 2
    assert suggestions(found)[-1] == "train.batch_size=64 train.threads=1" and suggestions(found)[-1] in page
    assert "https://" not in page.replace("http://www.w3.org", "")


def test_without_anything_better_it_says_so() -> None:
    assert suggestions(Profile("a", {}, 32)) == ["nothing was measurably better than what is configured"]

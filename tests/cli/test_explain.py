from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cnnbench as package
from cnnbench.report.explained import NAMES, figures
from cnnbench.runs.folder import RunDir
from cnnbench.runs.predictions import read_predictions
from cnnbench.runs.run import Run
from cnnbench.views import figure
from tests import drawing
from tests.report.command import cnnbench
from tests.tools import tiny

KINDS = ["grad_cam", "integrated_gradients", "occlusion"]


@pytest.fixture
def run(digits_run: RunDir, tmp_path: Path) -> RunDir:
    """A run of its own, to be written to."""
    shutil.copytree(digits_run.path, tmp_path / "run")
    return RunDir(tmp_path / "run")


def explained(*arguments: str | Path) -> dict[str, Any]:
    code, out, err = cnnbench("explain", *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_test_images_are_chosen_by_a_rule_and_join_the_page(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    found = explained(run.path)
    predictions = read_predictions(run.predictions)
    assert predictions is not None and predictions.probabilities is not None
    wrong = int((~predictions.right).sum())
    assert found["chosen"] == (
        f"3 test images that are classified right and {min(3, wrong)} that are not, drawn by seed 0"
    )
    right = [image["true"] == image["predicted"] for image in found["images"]]
    assert right == [True] * 3 + [False] * min(3, wrong)
    for image in found["images"]:
        at = list(predictions.indices).index(image["name"].removeprefix("test image "))
        assert image["predicted"] == predictions.class_names[predictions.predicted[at]]
        assert image["probability"] == pytest.approx(float(predictions.probabilities[at].max()), abs=1e-5)
        assert [one["kind"] for one in image["maps"]] == KINDS and len(image["nearest"]) == 5
    assert [layer["name"] for layer in found["layers"]][:3] == ["conv2d_1", "batch_normalization_1", "max_pooling2d_1"]
    assert set(found["dead_units"]) == {"conv2d_1"} and found["maps_layer"] == "batch_normalization_1"
    assert len(found["points"]) == len(predictions.labels) and found["left_out"] == []

    page = run.report.read_text()
    assert '<section id="explained"' in page and page.count('type="radio"') == 2 * len(found["points"])
    assert f'aria-label="test image {predictions.indices[0]}: ' in page
    assert "http" not in re.sub(
        r'xmlns(:\w+)?="[^"]+"', "", page.partition('id="explained"')[2].partition("<section")[0]
    )
    monkeypatch.setenv(drawing.ASKED, "1")
    drawn = figure.draw(figures(Run(run.path)))
    assert set(drawn) == set(NAMES) and len(drawn["explained_maps"].panels) == len(found["images"])
    assert all(one.file("png").startswith(b"\x89PNG") for one in drawn.values())

    run.remove_results()
    assert Run(run.path).explained is None


def test_images_and_classes_can_be_named(run: RunDir, tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 30, 3), 90, np.uint8)).save(tmp_path / "mine.png")
    predictions = read_predictions(run.predictions)
    assert predictions is not None
    found = explained(run.path, tmp_path / "mine.png", "--index", predictions.indices[4], "--class", "7")
    assert [image["name"] for image in found["images"]] == [
        str(tmp_path / "mine.png"),
        f"test image {predictions.indices[4]}",
    ]
    assert [image["true"] for image in found["images"]] == [None, predictions.class_names[predictions.labels[4]]]
    for image in found["images"]:
        assert {one["class"] for one in image["maps"]} == {image["predicted"], "7"}
    code, out, err = cnnbench("explain", run.path, "--index", predictions.indices[4])
    assert (code, err) == (0, "")
    assert "integrated gradients" in out and out.splitlines()[-1] == str(run.report)


def test_files_are_explained_without_the_data(hostile_run: RunDir, tmp_path: Path) -> None:
    shutil.copytree(hostile_run.path, tmp_path / "run")
    config = RunDir(tmp_path / "run").config
    config.write_text(re.sub(r"path: .*images", "path: /nowhere", config.read_text()))
    Image.fromarray(np.full((9, 12, 3), 90, np.uint8)).save(tmp_path / "mine.png")
    found = explained(tmp_path / "run", tmp_path / "mine.png")
    (said,) = found["left_out"]
    assert said.startswith("embedding, nearest training images and dead units: /nowhere")
    assert found["points"] == [] and found["images"][0]["nearest"] == [] and len(found["images"][0]["maps"]) == 3
    code, _, err = cnnbench("explain", tmp_path / "run")
    assert code == 3 and "/nowhere" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--class", "77"], 2, "--class 77: no class of this run; did you mean 7?"),
        (["--index", "99999"], 2, "--index 99999: no test image has it (see predictions.csv); the nearest is "),
        (["nowhere.png"], 3, "nowhere.png: no such file or folder"),
        (["--backend", "numpy"], 2, "--backend numpy: "),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, said: str, digits_run: RunDir) -> None:
    done, out, err = cnnbench("explain", digits_run.path, *arguments)
    assert (done, out, len(err.splitlines())) == (code, "", 1)
    assert said in err
    assert not digits_run.explained.exists()


def test_what_cannot_be_written_is_told_and_what_was_found_is_shown(run: RunDir) -> None:
    predictions = read_predictions(run.predictions)
    run.explained_pictures.mkdir()
    code, out, err = cnnbench("explain", run.path, "--index", (predictions.indices if predictions else [""])[0])
    assert code == 0 and "Grad-CAM" in out
    assert err == f"note: {run.explained_pictures}: cannot be written (it is a folder)\n"


@pytest.mark.parametrize("learner", ["numpy", "estimator"])
def test_other_learners_leave_out_what_they_have_not(learner: str, tmp_path: Path) -> None:
    data = {"source": "digits", "subset": {"train": 150}, "test": 0.05}
    changes: dict[str, Any] = {"train__epochs": 1, "train__backend": "numpy", "augment": []}
    if learner == "estimator":
        changes = {"augment": [], "model": {"estimator": {"GaussianNB": {}}}, "train": {}}
    path = package.run(tiny(name=learner, data=data, **changes), output=tmp_path, progress=False).path
    found = explained(path)
    kinds = {one["kind"] for image in found["images"] for one in image["maps"]}
    assert len(found["points"]) and all(len(image["nearest"]) == 5 for image in found["images"])
    if learner == "numpy":
        assert kinds == set(KINDS) and found["left_out"] == [] and found["filters"] == "conv2d_1"
        assert all(one["after_shuffling"] is not None for image in found["images"] for one in image["maps"][1:])
    else:
        assert kinds == {"occlusion"} and found["layers"] == [] and found["dead_units"] == {}
        (said,) = found["left_out"]
        assert said.startswith("feature maps, first filters, Grad-CAM") and "no layers and no gradients" in said

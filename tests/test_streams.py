"""Training from files on disk: streamed or kept in memory, with files that are broken."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cnnbench
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError, DataError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.predictions import read_predictions
from cnnbench.runs.run import Run
from tests.builders.images import write_folder, write_image
from tests.data.test_grey import camera
from tests.report.command import cnnbench as command
from tests.tools import assert_same_variables, comparable_history, runs_below, tiny, write_config

CLASSES = ("cat", "dog", "emu")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Three classes of twelve images of different sizes."""
    root = write_folder(tmp_path / "images", CLASSES, per_class=10)
    for k, name in enumerate(CLASSES):
        for i in range(2):
            write_image(root / name / f"large{i}.jpg", seed=10_000 + 10 * k + i, size=(30, 20 + k), mode="L")
    return root


def on_files(images: Path, **data: Any) -> dict[str, Any]:
    source = {"source": "image_folder", "path": str(images), "image_size": 12, "validation": 0.25}
    return tiny(name="files", data={**source, **data}, train__epochs=2, train__batch_size=8)


def test_a_streamed_training_is_that_of_images_in_memory(images: Path, tmp_path: Path) -> None:
    streamed, kept = (
        RunDir(cnnbench.run(on_files(images, in_memory=kept), output=tmp_path / str(kept)).path)
        for kept in (False, True)
    )
    assert comparable_history(Run(streamed.path).history) == comparable_history(Run(kept.path).history)
    assert_same_variables(streamed.last_checkpoint, kept.last_checkpoint)
    assert streamed.predictions.read_bytes() == kept.predictions.read_bytes()


def test_the_measured_depth_of_grey_files_is_that_of_predict(tmp_path: Path) -> None:
    root = camera(tmp_path / "camera", 4095)
    run = RunDir(cnnbench.run(on_files(root, image_size=None), output=tmp_path / "outputs").path)
    assert load_config(run.config).data.grey_bits == 12
    tested = read_predictions(run.predictions)
    assert tested is not None
    files = [root / file for file in tested.file_names]
    code, out, err = command("predict", run.path, *files, "--json")
    again = [[found["probabilities"][name] for name in CLASSES[:2]] for found in json.loads(out)]
    assert code == 0 and np.allclose(again, tested.probabilities, atol=1e-6), err
    Image.fromarray(np.full((12, 12), 65535, np.uint16)).save(tmp_path / "full.png")
    code, out, err = command("predict", run.path, tmp_path / "full.png")
    assert code == 3 and "full.png: grey values 65535..65535; allowed are 0..4095, 12 bits" in err


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("split", [True, False])
def test_a_broken_file_is_named_before_anything_is_trained(
    split: bool, in_memory: bool, images: Path, tmp_path: Path
) -> None:
    if split:  # the broken file is a test image, which is not looked at before training ends unless it is streamed
        write_folder(tmp_path / "parts" / "train", CLASSES)
        images = tmp_path / "parts"
        write_folder(images / "test", CLASSES, first=500)
    broken = next(images.rglob("dog/003.png"))
    broken.write_bytes(broken.read_bytes()[:60])
    config = write_config(tmp_path, on_files(images, in_memory=in_memory))
    code, out, err = command("train", config, "--output", tmp_path / "outputs")
    assert (code, out) == (3, "")
    assert err.startswith(f"error: {broken}: not an image that can be read (") and err.count("\n") == 1
    assert not (tmp_path / "outputs").exists()


def test_skipped_files_are_counted_in_the_report(images: Path, tmp_path: Path) -> None:
    (images / "cat" / "000.png").write_bytes(b"no image")
    (images / "dog" / "notes.txt").write_text("no image")
    result = cnnbench.run(on_files(images, on_bad_image="skip"), output=tmp_path / "outputs")
    page = re.sub(r"<[^>]+>", " ", result.report.read_text())
    assert "2 skipped" in page
    assert "2 bad image(s) skipped: " in page
    assert "dog/notes.txt: not an image file (.txt)" in page and "cat/000.png: not an image that can be read" in page


def test_a_file_that_vanishes_while_training_is_named(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnbench.experiment import execute as experiment

    describe = experiment.describe

    def describe_and_remove(*arguments: Any) -> None:
        describe(*arguments)
        for file in images.glob("dog/*"):
            file.unlink()

    monkeypatch.setattr(experiment, "describe", describe_and_remove)
    with pytest.raises(DataError, match=r"dog/\S+: not an image that can be read \(No such file or directory\)"):
        cnnbench.run(on_files(images, in_memory=False), output=tmp_path / "outputs")
    (run,) = runs_below(tmp_path / "outputs")
    assert Run(run.path).status["state"] == "failed"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"model": {"layers": [{"Conv2D": {"filters": 2, "kernel_size": 5}}, "Flatten", "classifier"]}},
            "kernel 5x5 is",
        ),
        ({"augment": ["RandomFlip", {"RandomCrop": {"height": 3, "width": 3}}]}, r"augment\[1\]\.RandomCrop: makes"),
    ],
)
def test_what_does_not_suit_the_files_is_told_before_there_is_a_folder(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    for k, name in enumerate(CLASSES):
        for i in range(8):
            write_image(tmp_path / "small" / name / f"{i}.png", seed=10 * k + i, size=(4, 4))
    config = {**on_files(tmp_path / "small"), **changes}
    del config["data"]["image_size"]  # only the files tell how large they are
    with pytest.raises(ConfigError, match=said):
        cnnbench.run(config, output=tmp_path / "outputs")
    assert not (tmp_path / "outputs").exists()

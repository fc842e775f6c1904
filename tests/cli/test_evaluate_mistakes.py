"""`cnnbench evaluate --mistakes --calibrate`: what a run gets wrong, labels that are wrong, and how sure it may be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

import cnnbench as package
from cnnbench.errors import ConfigError
from cnnbench.evaluation import label_errors
from cnnbench.evaluation.temperature import scaled
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.images import write_image
from tests.cli.conftest import contents
from tests.report.command import cnnbench

PLANTED = 0.03


def evaluate(*arguments: object) -> dict[str, Any]:
    code, out, err = cnnbench("evaluate", *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def fitted(folder: Path, estimator: str, **data: Any) -> RunDir:
    """An estimator of scikit-learn on digits, or on other data."""
    config = {"name": "fitted", "data": {"source": "digits", **data}, "model": {"estimator": {estimator: {}}}}
    return RunDir(package.run(config, output=folder).path)


@pytest.fixture
def copied(digits_run: RunDir, tmp_path: Path) -> RunDir:
    """The run of a network as a version before left it: without pictures."""
    run = RunDir(shutil.copytree(digits_run.path, tmp_path / "run"))
    run.gallery.unlink()
    return run


@pytest.mark.parametrize("split", ["validation", "test"])
def test_planted_wrong_labels_are_among_the_first_named(split: str, tmp_path: Path) -> None:
    pixels, labels = load_digits(return_X_y=True)
    images, labels = (pixels.reshape(-1, 8, 8, 1) * 15.9).astype(np.uint8), labels.astype(np.int64)
    train, held_out, rng = slice(0, 897), slice(897, None), np.random.default_rng(0)
    given = labels[held_out].copy()
    wrong = rng.choice(len(given), round(PLANTED * len(given)), replace=False)
    given[wrong] = (given[wrong] + rng.integers(1, 10, len(wrong))) % 10
    clean = images[train][:200], labels[train][:200]
    splits = {"train": (images[train], labels[train]), "val": clean, "test": clean}
    splits["val" if split == "validation" else split] = (images[held_out], given)
    arrays = {f"{xy}_{name}": array for name, pair in splits.items() for xy, array in zip("xy", pair, strict=True)}
    np.savez(tmp_path / "digits.npz", **arrays)
    run = fitted(tmp_path, "LogisticRegression", source="npz", path=str(tmp_path / "digits.npz"))

    errors = evaluate(run.path, "--split", split, "--mistakes")["label_errors"]["errors"]
    first = {error["row"] for error in errors[: round(0.05 * len(given))]}
    assert len(first & set(wrong.tolist())) >= 0.8 * len(wrong)
    for error in errors:
        if error["row"] in first & set(wrong.tolist()):
            assert (error["label"], error["index"]) == (str(given[error["row"]]), str(error["row"]))
    page = run.measured_on(split).report.read_text()
    assert f"names {len(errors)} of 900 {split} images" in page and page.count("labelled ") == min(24, len(errors))


def test_mistakes_join_the_page_of_an_older_run(copied: RunDir, digits_run: RunDir) -> None:
    before = contents(copied.path)
    found = evaluate(copied.path, "--mistakes")
    after = contents(copied.path)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"gallery.npz", "label_errors.json", "report.html"}
    errors = found["label_errors"]["errors"]
    assert found["report"] == str(copied.report) and len(errors) == len(Run(copied.path).label_errors["errors"])
    gallery = Run(copied.path).gallery
    assert gallery is not None
    assert gallery.rows[: len(errors[:24])].tolist() == [error["row"] for error in errors[:24]]
    assert 'id="label-errors"' in copied.report.read_text() and 'id="cell-' in copied.report.read_text()


def test_a_temperature_is_fitted_and_told(copied: RunDir) -> None:
    found, run = evaluate(copied.path, "--calibrate")["calibration"], Run(copied.path)
    tested, validated = run.predictions, run.on("validation").predictions
    assert found == run.calibration and tested is not None and validated is not None
    assert (found["fitted_on"]["images"], found["measured_on"]["images"]) == (len(validated.labels), len(tested.labels))
    low, high = found["temperature_interval"]
    assert low < found["temperature"] < high
    assert validated.probabilities is not None and run.metrics is not None
    assert found["calibration_error"]["before"]["value"] == pytest.approx(run.metrics["calibration_error"], abs=1e-9)
    of_truth = [
        scaled(validated.probabilities, found["temperature"] * by)[np.arange(len(validated.labels)), validated.labels]
        for by in (0.97, 1, 1.03)
    ]
    losses = [-np.log(chances).mean() for chances in of_truth]
    assert losses[1] == min(losses)
    assert "<h3>Temperature scaling</h3>" in copied.report.read_text()
    code, out, err = cnnbench("evaluate", copied.path, "--calibrate", "--mistakes", "--quiet")
    assert (code, err) == (0, "") and [line.split()[0] for line in out.splitlines()] == [
        "test",
        "likely",
        "temperature",
    ]


def test_what_cannot_be_written_is_said_and_the_rest_is_shown(copied: RunDir) -> None:
    copied.calibration.mkdir()
    code, out, err = cnnbench("evaluate", copied.path, "--calibrate")
    assert code == 0 and "\ntemperature " in out and "calibration error " in out
    assert err == f"note: {copied.calibration}: cannot be written (it is a folder)\n"


def test_without_cleanlab_one_line_says_so(copied: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_errors, "is_installed", lambda: False)
    code, out, err = cnnbench("evaluate", copied.path, "--mistakes")
    said = (
        "likely label errors are left out: cleanlab, which finds them, is not installed; pip install 'cnnbench[labels]"
    )
    assert (code, err) == (0, "") and said in out and copied.gallery.exists()
    assert "They are left out: cleanlab, which finds them, is not installed" in copied.report.read_text()


def test_of_images_that_were_learnt_from_labels_are_left_out(copied: RunDir) -> None:
    found = evaluate(copied.path, "--split", "train", "--mistakes")
    assert found["label_errors"]["left_out"].startswith("they need answers about images whose labels it has not learnt")
    assert copied.measured_on("train").gallery.exists()


def test_what_gives_no_probabilities_is_named(tmp_path: Path) -> None:
    run = fitted(tmp_path, "LinearSVC")
    code, out, err = cnnbench("evaluate", run.path, "--calibrate")
    assert (code, out) == (2, "")
    assert err == "error: --calibrate: LinearSVC gives no probabilities, so there is no temperature to fit\n"
    left_out = evaluate(run.path, "--mistakes")["label_errors"]["left_out"]
    assert left_out == "LinearSVC gives no probabilities"


def test_calibration_makes_sense_of_test_images_alone(copied: RunDir) -> None:
    code, out, err = cnnbench("evaluate", copied.path, "--split", "validation", "--calibrate")
    said = "error: --calibrate --split validation: it is fitted on validation and measured on test images\n"
    assert (code, out, err) == (2, "", said)
    config = copied.config.read_text()
    copied.config.write_text(config.replace("validation: 0.2", "validation: 0.0"))
    copied.split.unlink()
    code, out, err = cnnbench("evaluate", copied.path, "--calibrate")
    assert code == 2 and err.endswith("was trained without validation images (data.validation: 0)\n")


def test_predict_takes_the_temperature_where_it_is_asked(copied: RunDir, tmp_path: Path) -> None:
    image = write_image(tmp_path / "x.png")
    code, out, err = cnnbench("predict", copied.path, image, "--calibrated")
    said = f"{copied.path}: has no temperature yet; cnnbench evaluate {copied.path} --calibrate fits it"
    assert (code, out, err) == (2, "", f"error: {said}\n")
    run = package.open(copied.path)
    with pytest.raises(ConfigError, match="has no temperature yet"):
        run.predict(image, calibrated=True)
    temperature = evaluate(copied.path, "--calibrate")["calibration"]["temperature"]
    (own,), (calibrated,) = (
        json.loads(cnnbench("predict", copied.path, image, "--json", *more)[1]) for more in ((), ("--calibrated",))
    )
    assert list(own["probabilities"]) == list(calibrated["probabilities"])
    expected = scaled(np.array([list(own["probabilities"].values())]), temperature)[0]
    assert list(calibrated["probabilities"].values()) == pytest.approx(expected.tolist(), rel=1e-5)
    assert calibrated["probability"] != pytest.approx(own["probability"], rel=1e-3)
    for told, chances in ((own, run.predict(image)), (calibrated, run.predict(image, calibrated=True))):
        by_class = dict(zip(run.class_names, chances[0].tolist(), strict=True))
        assert by_class == pytest.approx(told["probabilities"], rel=1e-5)

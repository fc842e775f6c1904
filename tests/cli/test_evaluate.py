"""`cnnbench evaluate`: a run measured again, on any split."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cnnbench import run as cnnbench_run
from cnnbench.runs.folder import SPLITS, RunDir
from cnnbench.runs.run import Run
from tests.builders.images import write_folder, write_image
from tests.cli.conftest import contents
from tests.report.command import cnnbench
from tests.tools import tiny, write_config

MEASURED = ("accuracy", "accuracy_interval", "top_k", "log_loss", "calibration_error", "macro", "micro", "weighted")


def evaluate(*arguments: object) -> dict[str, Any]:
    code, out, err = cnnbench("evaluate", *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_test_split_gives_the_numbers_of_the_run(digits_run: RunDir) -> None:
    found, before = evaluate(digits_run.path), Run(digits_run.path).metrics
    assert before is not None
    assert found["run"] == str(digits_run.path)
    for key in (*MEASURED, "split", "images", "classes", "per_class", "worst_class"):
        assert found[key] == before[key], key


def test_validation_and_training_images_give_theirs(digits_run: RunDir) -> None:
    split = json.loads(digits_run.split.read_text())
    last = Run(digits_run.path).history[-1]
    for name in ("validation", "train"):
        found = evaluate(digits_run.path, "--split", name)
        assert (found["split"], found["images"]) == (name, split[name]["images"])
    validated = evaluate(digits_run.path, "--split", "validation")
    assert validated["accuracy"] == pytest.approx(last["val_accuracy"], abs=1e-6)
    assert validated["log_loss"] == pytest.approx(last["val_loss"], rel=1e-4)


def test_predictions_are_written_where_asked(digits_run: RunDir, tmp_path: Path) -> None:
    evaluate(digits_run.path, "--predictions", tmp_path / "new" / "p.csv")
    assert (tmp_path / "new" / "p.csv").read_bytes() == digits_run.predictions.read_bytes()
    evaluate(digits_run.path, "--split", "train", "--predictions", tmp_path / "train.csv")
    with (tmp_path / "train.csv").open(newline="") as f:
        assert len(list(csv.reader(f))) == 1 + json.loads(digits_run.split.read_text())["train"]["images"]


def test_the_report_on_the_screen(digits_run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", digits_run.path)
    assert (code, err) == (0, "")
    assert out.startswith(f"test split of digits, 180 images ({digits_run.path})\n\n")
    assert out.splitlines()[3:] == digits_run.classification_report.read_text().splitlines()[3:]


def test_quiet_is_one_line(digits_run: RunDir) -> None:
    metrics = Run(digits_run.path).metrics
    assert metrics is not None
    shown = f"{100 * metrics['accuracy']:.2f} %"
    assert cnnbench("evaluate", digits_run.path, "--quiet") == (0, f"test accuracy {shown} of 180 images\n", "")


def test_names_of_classes_are_only_text(hostile_run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", hostile_run.path)
    assert (code, err) == (0, "")
    assert all(name in out for name in ("[red]", 'a,b "c"', "<i>", "日本語", "two�lines"))


@pytest.mark.parametrize("split", SPLITS)
def test_fail_under(split: str, digits_run: RunDir) -> None:
    arguments = ("evaluate", digits_run.path, "--split", split, "--json")
    assert cnnbench(*arguments, "--fail-under", "accuracy=0.01")[0] == 0
    code, out, err = cnnbench(*arguments, "--fail-under", "accuracy=0.99", "--fail-under", "macro.f1=0.999")
    images = json.loads(out)["images"]
    assert code == 5
    for line, metric in zip(err.splitlines(), ("accuracy=0.99: accuracy", "macro.f1=0.999: macro.f1"), strict=True):
        assert line.startswith(f"error: --fail-under {metric} is 0.")
        assert line.endswith(f", measured on {images} {split} images")


def test_what_was_measured_on_the_test_images_stays(digits_run: RunDir, tmp_path: Path) -> None:
    run = RunDir(shutil.copytree(digits_run.path, tmp_path / "run"))
    before_this = [run.report, *(path for split in SPLITS[1:] for path in run.measured_on(split).results)]
    for path in before_this:  # as in runs of versions that measured test images alone
        path.unlink(missing_ok=True)
    before = contents(run.path)
    assert cnnbench("evaluate", run.path)[0] == 0
    assert contents(run.path) == before
    assert evaluate(run.path)["report"] is None
    for split in ("validation", "train"):
        code, out, err = cnnbench("evaluate", run.path, "--split", split)
        page = run.measured_on(split).report
        assert (code, err) == (0, "") and out.endswith(f"\n\n{page}\n")
        assert page.name in run.report.read_text() and "Metrics on the " in page.read_text()
    after = contents(run.path)
    ours = {name for name in after if "_validation" in name or "_train" in name}
    assert {name for name in after if after[name] != before.get(name)} - ours == {"report.html"}
    assert Run(run.path).on("train").metrics["weights"] == Run(run.path).metrics["weights"]  # type: ignore[index]
    assert run.measured_on("validation").predictions.read_bytes() == (
        digits_run.measured_on("validation").predictions.read_bytes()
    )


def test_a_run_is_measured_and_gone_on_with_on_its_own_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = write_folder(tmp_path / "images", classes=("cat", "dog"), per_class=12)
    config = tiny(name="own", data={"source": "image_folder", "path": "images"}, train__epochs=1)
    monkeypatch.chdir(tmp_path)
    run = RunDir(cnnbench_run(write_config(tmp_path, config), output=tmp_path / "outputs").path)
    monkeypatch.chdir("/")
    before, kept = evaluate(run.path), contents(run.path)
    assert before["notes"] == []

    write_folder(images, classes=("aardvark",), per_class=20, first=900)  # would be another class
    shutil.copy(images / "cat" / "005.png", images / "cat" / "005a.png")  # would make other draws
    write_image(images / "dog" / "0.png", size=(7, 9))
    code, out, err = cnnbench("evaluate", run.path, "--json")
    found = json.loads(out)
    assert code == 0 and err == f"note: {found['notes'][0]}\n" and "22 image(s) added" in err
    assert {**found, "notes": []} == before

    (images / "cat").rename(images / "zebra")
    for arguments in (("evaluate", run.path), ("train", "--resume", run.path, "train.epochs=2")):
        code, out, err = cnnbench(*arguments)
        first, *lines = err.splitlines()
        assert (code, out) == (3, "") and first.endswith("its data is not as split.json has it: 12 differences")
        assert [line.endswith(": missing") for line in lines] == [True, True, True, False]
        assert contents(run.path) == kept


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["{run}", "--split", "validaton"], 2, "--split validaton: unknown; allowed are test, validation, train; did"),
        (["{run}", "--split", ""], 2, "--split : unknown; allowed are test, validation, train"),
        (["{run}", "--fail-under", "acuracy=1"], 2, "did you mean accuracy?"),
        (["nowhere"], 2, "nowhere: not a run folder and no run folder below it"),
        (["{run}", "--predictions", "."], 2, ".: cannot be written (it is a folder)"),
        (["{run}", "--predictions", "file/p.csv"], 2, "file/p.csv: cannot be written (file is not a folder)"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], code: int, said: str, digits_run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    found, _, err = cnnbench("evaluate", *(a.replace("{run}", str(digits_run.path)) for a in arguments))
    assert found == code
    assert said in err and err.startswith("error: ") and err.count("\n") == 1


def test_a_run_without_validation_has_none_to_evaluate(digits_run: RunDir, tmp_path: Path) -> None:
    for file in (digits_run.metrics, digits_run.model):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = digits_run.config.read_text()
    (tmp_path / "config.yaml").write_text(config.replace("validation: 0.2", "validation: 0.0"))
    code, out, err = cnnbench("evaluate", tmp_path, "--split", "validation")
    assert (code, out) == (2, "")
    assert err == f"error: --split validation: {tmp_path} was trained without one (data.validation: 0)\n"


def test_an_unfinished_run_says_what_finishes_it(unfinished_run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", unfinished_run.path)
    assert (code, out) == (2, "")
    assert "has no finished model (state: interrupted); cnnbench train --resume finishes it" in err

"""`cnnbench export` on a run of each learner."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cnnbench.config.load import load_config
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.runs.exports import read_exports
from cnnbench.runs.folder import RunDir
from tests.tools import cnnbench, tiny


@pytest.fixture
def run(digits_run: RunDir, tmp_path: Path) -> RunDir:
    """A run of one's own: exports are written into it."""
    return RunDir(shutil.copytree(digits_run.path, tmp_path / "run"))


def trained(folder: Path, config: object, *changes: str) -> RunDir:
    execute(load_config(config, changes), Options(folder=folder, report=False))  # type: ignore[arg-type]
    return RunDir(folder)


def test_a_file_is_checked_and_told_of(run: RunDir, tmp_path: Path) -> None:
    done = cnnbench("export", "run", "--format", "onnx", "--out", "net.onnx", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    found = said["check"]
    metrics = json.loads(run.metrics.read_text())
    assert found["images"] == found["of"] == metrics["images"]
    assert found["run_accuracy"] == pytest.approx(metrics["accuracy"])
    assert found["passed"] and found["largest_difference"] < 1e-5 and found["flipped"] == 0
    assert found["bytes"] == said["bytes"] == (tmp_path / "net.onnx").stat().st_size
    assert (tmp_path / "net.onnx.labels.txt").read_text().split() == list("0123456789")
    card = (tmp_path / "net.onnx.md").read_text()
    assert "CC-BY-4.0" in card and "8 × 8 × 1" in card and "95 % interval" in card and "filters: 8" in card
    assert [one.found["format"] for one in read_exports(run)] == ["onnx"]
    assert "Exported files" in run.report.read_text() and "within tolerance" in run.report.read_text()


def test_too_far_from_the_run_is_exit_code_5_and_the_file_is_kept(run: RunDir, tmp_path: Path) -> None:
    asked = ("--format", "litert-int8", "--out", "net.tflite", "--tolerance", "0", "--check-images", "40")
    done = cnnbench("export", "run", *asked, "--calibration-images", "50", cwd=tmp_path)
    (found,) = (one.found for one in read_exports(run))
    assert found["images"] == 40 and found["flipped"] == len(found["flips"])
    assert found["notes"] == ["quantised by 50 training images, drawn by the run's seed"]
    lost = found["run_accuracy"] - found["accuracy"]
    assert done.returncode == (5 if lost > 0 else 0), done.stderr
    done = cnnbench("export", "run", "-f", "keras", "--out", "net.keras", "--tolerance", "0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr  # nothing is lost there
    run.model.write_bytes((tmp_path / "net.keras").read_bytes())  # and it can take the place of the run's own


def test_a_run_that_cannot_be_written_into_is_exported_all_the_same(run: RunDir, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (run.path / "exports").symlink_to(tmp_path / "elsewhere")
    done = cnnbench(
        "export", "run", "-f", "safetensors", "--out", "net.safetensors", "--check-images", "9", cwd=tmp_path
    )
    assert done.returncode == 0 and "Probabilities differ by 0 at most" in done.stdout
    (note,) = done.stderr.splitlines()
    assert note.startswith("note: ") and "is a link" in note
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_unchecked(run: RunDir, tmp_path: Path) -> None:
    done = cnnbench("export", "run", "-f", "keras", "--out", "net.keras", "--no-check", cwd=tmp_path)
    assert done.returncode == 0 and "none (--no-check)" in done.stdout
    assert "Not checked" in (tmp_path / "net.keras.md").read_text() and read_exports(run) == []
    refused = cnnbench(
        "export", "run", "-f", "keras", "--out", "net.keras", "--no-check", "--tolerance", "1", cwd=tmp_path
    )
    assert refused.returncode == 2 and "have no effect" in refused.stderr


def test_a_network_of_numpy_becomes_one_of_keras(tmp_path: Path) -> None:
    config = tiny(augment=[], train__epochs=1, train__backend="numpy")
    trained(tmp_path / "run", config)
    done = cnnbench("export", "run", "-f", "litert", "--out", "net.tflite", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["check"]
    assert found["largest_difference"] < 1e-5 and found["accuracy"] == found["run_accuracy"] > 0.2


def test_an_estimator_has_a_format_of_its_own(tmp_path: Path) -> None:
    trained(tmp_path / "run", "svc-digits", "data.subset.train=300", "data.subset.test=50")
    refused = cnnbench("export", "run", "-f", "onnx", "--out", "net.onnx", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == "error: --format onnx: SVC is an estimator of scikit-learn; allowed here: skops\n"
    done = cnnbench("export", "run", "-f", "skops", "--out", "svc.skops", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["check"]["largest_difference"] == 0
    assert (tmp_path / "svc.skops.md").exists()


def test_a_network_is_no_estimator(run: RunDir, tmp_path: Path) -> None:
    refused = cnnbench("export", "run", "-f", "skops", "--out", "net.skops", cwd=tmp_path)
    assert refused.returncode == 2 and "the run is a network; allowed here: keras, savedmodel" in refused.stderr

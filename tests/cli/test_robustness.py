"""`cnnbench evaluate RUN --corrupt` and `--skew`: said, written, on the page, and refused where it makes no sense."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnnbench.errors import OutputError
from cnnbench.learners.choose import load
from cnnbench.runs.folder import RunDir
from cnnbench.runs.robustness import ROBUSTNESS
from tests.report.command import cnnbench


@pytest.fixture(scope="module")
def run(digits_run: RunDir, tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A copy to write into, measured on 40 test images."""
    copy = RunDir(tmp_path_factory.mktemp("robustness") / "run")
    shutil.copytree(digits_run.path, copy.path)
    return copy


def test_it_is_measured_written_and_on_the_page(run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", run.path, "--corrupt", "--skew", "--images", 40, "--accuracy", 0.1, "--json")
    assert code == 0, err
    said: dict[str, Any] = json.loads(out)
    assert said["report"] == str(run.report) and '"right"' not in out
    assert {row["kind"] for row in said["corruptions"]["kinds"]} >= {"gaussian_noise", "jpeg", "rotation"}
    assert said["corruptions"]["images"] == said["skews"]["images"] == 40
    rows = {row["kind"]: row for row in said["skews"]["kinds"]}
    assert all(rows[kind]["interval"][0] <= 0.1 <= rows[kind]["interval"][1] for kind in said["explained_by"])
    written = ROBUSTNESS.read(run.robustness)
    assert written["corruptions"]["mean_accuracy"] == said["corruptions"]["mean_accuracy"]
    page = run.report.read_text("utf-8")
    assert 'id="robustness"' in page and 'id="skews"' in page and "Gaussian noise" in page


def test_it_is_said(run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 40, "--accuracy", 0.999)
    assert (code, err) == (0, "")
    assert "rows and columns swapped" in out and "Left out, images have one channel: " in out
    assert re.search(r"^(None of these explains|99\.90 % would be explained by) ", out, flags=re.MULTILINE)
    assert out.endswith(f"\n{run.report}\n")
    assert ROBUSTNESS.read(run.robustness).keys() == {"corruptions", "skews"}, "the other part is still there"
    code, out, _ = cnnbench("evaluate", run.path, "--skew", "--images", 40, "--quiet")
    assert code == 0 and out.splitlines()[-1].startswith("prepared rightly ") and "\n\n" not in out


def test_what_cannot_be_written_is_told_in_one_line(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: Any) -> None:
        raise OutputError(f"{run.robustness}: cannot be written to (Read-only file system)")

    monkeypatch.setattr("cnnbench.cli.robustness.add", refusing)
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 40)
    assert code == 0 and "rows and columns swapped" in out and str(run.report) not in out
    assert err == (
        f"note: not written into the run folder: {run.robustness}: cannot be written to (Read-only file system)\n"
    )


def test_what_was_found_of_more_images_is_kept_unless_asked(run: RunDir) -> None:
    """The run was measured on 40 images."""
    before = run.robustness.read_bytes()
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 6)
    assert code == 0 and "rows and columns swapped" in out and str(run.report) not in out
    said = "robustness.json keeps the skews of 40 images that it has, these are of 6; --overwrite replaces them"
    assert err == f"note: {said}\n" and run.robustness.read_bytes() == before
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 6, "--json", "--overwrite")
    assert (code, err) == (0, "") and json.loads(out)["notes"] == []
    written = ROBUSTNESS.read(run.robustness)
    assert (written["corruptions"]["images"], written["skews"]["images"]) == (40, 6)
    assert cnnbench("evaluate", run.path, "--skew", "--images", 7)[0] == 0
    assert ROBUSTNESS.read(run.robustness)["skews"]["images"] == 7, "more images need not be asked for"


@pytest.mark.parametrize("as_json", [False, True])
def test_what_was_found_is_told_where_the_page_cannot_be_drawn(as_json: bool, run: RunDir) -> None:
    plots = run.path / "plots"
    plots.rename(run.path / "before")
    plots.write_text("")
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 50, *["--json"] * as_json)
    plots.unlink()
    (run.path / "before").rename(plots)
    said = f"not written into the run folder: {plots}: cannot be written to (it is not a folder)"
    assert (code, err) == (0, f"note: {said}\n")
    assert "rows and columns swapped" in out and ROBUSTNESS.read(run.robustness)["skews"]["images"] == 50
    if as_json:
        assert (json.loads(out)["notes"], json.loads(out)["report"]) == ([said], None)


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_is_lost_where_drawing_fails_in_a_way_that_nobody_foresaw(
    as_json: bool, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: RunDir) -> None:
        raise ValueError("no such colour")

    monkeypatch.setattr("cnnbench.report.write.write_report", failing)
    code, out, err = cnnbench("evaluate", run.path, "--skew", "--images", 60, *["--json"] * as_json)
    assert code == 1 and "no such colour" in err and "rows and columns swapped" in out
    assert not as_json or json.loads(out)["report"] is None


def test_a_damaged_file_is_told_in_one_line(run: RunDir) -> None:
    kept = run.robustness.read_text("utf-8")
    run.robustness.write_text(kept.replace('"images": 40', '"images": "many"'), "utf-8")
    code, out, err = cnnbench("report", run.path)
    run.robustness.write_text(kept, "utf-8")
    assert (code, out) == (3, "")
    assert err == f'error: {run.robustness}: corruptions.images: expected a whole number, found "many"\n'


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--accuracy", "0.5"], "--accuracy: has no effect without --skew"),
        (["--images", "5"], "--images: has no effect without --corrupt"),
        (["--overwrite"], "--overwrite: has no effect without --corrupt"),
        (["--corrupt", "--accuracy", "0.5"], "--accuracy: has no effect without --skew"),
        (["--skew", "--accuracy", "53"], "--accuracy 53: allowed is a share from 0 to 1, as in 0.53"),
        (["--corrupt", "--split", "train"], "--split train: --corrupt takes the test images"),
        (["--skew", "--fail-under", "accuracy=0.5"], "--fail-under: has no effect with --skew"),
        (["--corrupt", "--calibrate"], "--calibrate: has no effect with --corrupt"),
        (["--corrupt", "--predictions", "p.csv"], "--predictions: has no effect with --corrupt"),
    ],
)
def test_options_without_effect_are_refused(options: list[str], said: str, run: RunDir) -> None:
    code, out, err = cnnbench("evaluate", run.path, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}") and err.count("\n") == 1


def test_the_right_normalisation_is_that_of_the_saved_model(run: RunDir) -> None:
    trained = load(run.model)
    images = np.random.default_rng(0).integers(0, 256, (2, *trained.input_shape)).astype(np.float32)
    first: Callable[[Any], Any] = trained.model.layers[1]
    scale, offset = trained.normalization.scale, trained.normalization.offset
    np.testing.assert_allclose(first(images), images * scale + offset, atol=1e-6)

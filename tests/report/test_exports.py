"""What the page of a run says of the files it was exported as."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from cnnbench.errors import DataError
from cnnbench.report.exports import rows_of, section, sentence
from cnnbench.runs.exports import read_exports, write_export
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.views.page import Page, render

FOUND: dict[str, Any] = {
    **{"format": "onnx", "file": "net.onnx", "bytes": 1_234_567, "sha256": "0" * 64, "runtime": "ONNX Runtime"},
    **{"versions": {"onnx": "1.23"}, "images": 200, "of": 497, "largest_difference": 0.25, "mean_difference": 0.01},
    **{"furthest": 7, "accuracy": 0.9, "run_accuracy": 0.91, "difference": -0.01, "interval": [-0.03, 0.005]},
    **{"flipped": 1, "flips": [{"index": 7, "name": "", "true": "<3>", "run": "<3>", "exported": "4"}]},
    **{"measure": "probability", "tolerance": 1e-4, "passed": False, "images_per_second": 4321.0, "threads": 2},
    "latency_ms": {"median": 0.5, "p95": 0.75, "calls": 200},
}


def test_a_run_without_exports_has_no_section(run: RunDir) -> None:
    assert section(Run(run.path)).shown == []


def test_the_section(run: RunDir) -> None:
    write_export(run, FOUND, np.full((1, 8, 8, 1), 99, np.uint8))
    write_export(run, {**FOUND, "format": "keras", "flipped": 0, "flips": [], "passed": True}, np.zeros((0, 8, 8, 1)))
    html = render(Page("title", ("90 %", "accuracy"), [section(Run(run.path))], "source"))
    assert "▼ too far" in html and "within tolerance" in html and "1.2 MB" in html
    assert html.count("data:image/png") == 1 and "&lt;3&gt;" in html and "<3>" not in html
    assert "−1.00 (−3.00 to +0.50)" in html and "1 of 200" in html and "0.50 (0.75)" in html
    assert dict(rows_of(FOUND))["other class"] == "1 of 200 images: 7"
    assert dict(rows_of(FOUND))["largest difference"] == "0.2500 (image 7)"
    assert dict(rows_of({**FOUND, "largest_difference": 0}))["largest difference"] == "0"


def test_files_that_say_the_same_are_shown_once(run: RunDir) -> None:
    picture = np.full((1, 8, 8, 1), 99, np.uint8)
    other = [{**FOUND["flips"][0], "exported": "5"}]
    for name, flips in (("keras", FOUND["flips"]), ("litert-int8", other), ("onnx", FOUND["flips"])):
        write_export(run, {**FOUND, "format": name, "flips": flips}, picture)
    html = render(Page("title", ("90 %", "accuracy"), [section(Run(run.path))], "source"))
    assert "Images that keras, onnx put into another class" in html
    assert "Images that litert-int8 puts into another class" in html
    assert html.count("data:image/png") == 2 and "these files" in html
    assert "compute in float32" not in html


def test_what_was_computed_in_fewer_bits_is_said(run: RunDir) -> None:
    config = run.config.read_text(encoding="utf-8")
    run.config.write_text(config.replace("train:\n", "train:\n  precision: mixed_bfloat16\n", 1), encoding="utf-8")
    write_export(run, FOUND, np.zeros((0, 8, 8, 1), np.uint8))
    html = render(Page("title", ("90 %", "accuracy"), [section(Run(run.path))], "source"))
    assert "The run computed in mixed_bfloat16, and the files compute in float32" in html


def test_the_verdict() -> None:
    assert sentence(FOUND) == "Probabilities differ by 0.2500 at most, more than the tolerance of 0.0001."
    lost = {**FOUND, "measure": "accuracy", "tolerance": 0.01, "passed": True}
    assert sentence(lost) == "Against the run accuracy is 1.00 points lower, within the tolerance of 1.00 points."
    same = {**lost, "difference": 0.0}
    assert sentence(same).startswith("Against the run accuracy is the same, within")


def test_a_damaged_file_is_named(run: RunDir) -> None:
    write_export(run, FOUND, np.zeros((0, 8, 8, 1), np.uint8))
    path = run.exports / "onnx.json"
    path.write_text(json.dumps({**FOUND, "flips": [{"index": "x"}]}))
    with pytest.raises(DataError, match=r"onnx\.json: flips\[0\]\.index: expected a whole number"):
        read_exports(run)
    path.write_text(json.dumps(FOUND))
    (run.exports / "onnx.npz").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"onnx\.npz"):
        read_exports(run)


def test_what_was_exported_goes_with_the_results_it_was_compared_with(run: RunDir) -> None:
    write_export(run, FOUND, np.zeros((0, 8, 8, 1), np.uint8))
    run.remove_results()
    assert read_exports(run) == []

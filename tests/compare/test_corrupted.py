"""Runs tested against each other on the same corrupted images."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_rel

from cnnbench.compare.comparison import Block, Comparison, Options, compare
from cnnbench.compare.corrupted import ALL, OVER_IMAGES
from cnnbench.compare.document import as_document
from cnnbench.compare.page import page
from cnnbench.compare.text import as_markdown, as_text
from cnnbench.errors import DataError
from cnnbench.runs.folder import RunDir
from cnnbench.runs.robustness import ROBUSTNESS, packed
from cnnbench.statistics.correction import holm
from tests.builders.compared import IMAGES, finished, repeats

KINDS = ("blur", "jpeg")


def right(wrong: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = np.ones(IMAGES, np.bool_)
    found[list(wrong)] = False
    return found


def corrupted(run: RunDir, wrong: Mapping[str, int], sha: str = "ab") -> RunDir:
    """Write that a run is wrong on the first images: at strength s of a kind on s times as many as `wrong` says."""

    def scored(rows: Iterable[int]) -> dict[str, object]:
        each = right(rows)
        return {"accuracy": float(each.mean()), "interval": [0.1, 0.9], "right": packed(each)}

    kinds = [
        {
            "kind": kind,
            "pixels_sha256": sha,
            "mean_accuracy": 0.5,
            "strengths": [{"strength": s, "value": 0.1 * s, **scored(range(s * wrong[kind]))} for s in range(1, 6)],
        }
        for kind in KINDS
    ]
    means = {"mean_accuracy": 0.5, "mean_corruption_error": 0.5}
    found = {"images": IMAGES, "pixels": [8, 8, 1], "clean": scored([]), "kinds": kinds, **means}
    ROBUSTNESS.write(run.robustness, {"corruptions": found})
    return run


def block_of(comparison: Comparison) -> Block:
    (block,) = comparison.blocks
    return block


def test_two_runs_are_tested_image_by_image(tmp_path: Path) -> None:
    one = corrupted(finished(tmp_path, range(10), name="one"), {"blur": 4, "jpeg": 10})
    other = corrupted(finished(tmp_path, range(20), name="other"), {"blur": 20, "jpeg": 10})
    comparison = compare([str(one.path), str(other.path)], Options())
    rows = {row.kind: row for row in block_of(comparison).corrupted.rows}
    assert list(rows) == [*KINDS, ALL]
    blur = rows["blur"]
    assert (blur.a.name, blur.b.name, blur.test) == ("other", "one", OVER_IMAGES), "the best is the baseline"
    assert blur.accuracies == pytest.approx((1 - 60 / IMAGES, 1 - 12 / IMAGES))
    shares = [np.mean([right(range(s * each)) for s in range(1, 6)], axis=0) for each in (20, 4)]
    assert blur.p == pytest.approx(ttest_rel(*shares).pvalue)
    assert blur.interval is not None and blur.interval[0] < blur.difference < blur.interval[1]
    assert rows["jpeg"].p == 1 and not rows["jpeg"].significant and blur.significant
    p = [row.p for row in rows.values() if row.p is not None]
    assert [row.adjusted for row in rows.values()] == holm(p) and block_of(comparison).corrupted.tests == 3
    said = as_text(comparison)
    assert "other against one: better under 0 of 2 kinds of corruption, worse under 1" in said
    assert "### Corrupted test images" in as_markdown(comparison) and "Holm's correction is over 3 tests" in said
    (told,) = json.loads(json.dumps(as_document(comparison)))["blocks"]
    assert [row["kind"] for row in told["corrupted"]] == [*KINDS, ALL]
    assert any(section.id == "corrupted-1" and section.parts for section in page(comparison).sections)


def test_sets_of_runs_are_tested_over_their_runs(tmp_path: Path) -> None:
    parents = [repeats(tmp_path, {0: range(8), 1: range(11), 2: range(9)}, name=name) for name in ("one", "other")]
    for more, parent in enumerate(parents):
        for seed in range(3):
            corrupted(RunDir(parent / f"seed-{seed}"), {"blur": 5 + seed + 4 * more + seed * more, "jpeg": 5 + seed})
    rows = block_of(compare([str(parent) for parent in parents], Options())).corrupted.rows
    blur = next(row for row in rows if row.kind == "blur")
    assert blur.test == "paired t-test" and blur.p is not None and abs(blur.difference) == pytest.approx(15 / IMAGES)


def test_what_was_not_measured_alike_is_told(tmp_path: Path) -> None:
    one, other = finished(tmp_path, range(10), name="one"), finished(tmp_path, range(20), name="other")
    assert "orrupted" not in as_text(compare([str(one.path), str(other.path)], Options()))
    corrupted(one, {"blur": 4, "jpeg": 10})
    comparison = compare([str(one.path), str(other.path)], Options())
    found, note = block_of(comparison).corrupted, "Not measured on corrupted images (evaluate RUN --corrupt): other."
    assert not found.rows and found.notes == (note,) and note in as_text(comparison)
    corrupted(other, {"blur": 4, "jpeg": 10}, sha="cd")
    found = block_of(compare([str(one.path), str(other.path)], Options())).corrupted
    assert not found.rows and "only those are compared that saw the same" in found.notes[0]
    other.robustness.write_text(one.robustness.read_text().replace('"right": "', '"right": "!'))
    with pytest.raises(DataError, match=r"robustness\.json: does not say which of its 497 images were right"):
        compare([str(one.path), str(other.path)], Options())

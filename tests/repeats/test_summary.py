"""What several runs say together, against NumPy, SciPy and counting."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from cnnbench.errors import DataError
from cnnbench.files.whole import write_json
from cnnbench.repeats.results import read_repeats
from cnnbench.repeats.summary import summarize
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.repeated import finish, finished, planned, varied


def test_mean_spread_and_interval_of_every_metric(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    summary = summarize(read_repeats(folder))
    runs = [Run(folder.child(name)).metrics or {} for name in ("seed-0", "seed-7", "seed-42")]
    for name, found in {
        "accuracy": [run["accuracy"] for run in runs],
        "macro.f1": [run["macro"]["f1"] for run in runs],
        "top_k.5": [run["top_k"]["5"] for run in runs],
        "log_loss": [run["log_loss"] for run in runs],
        "epochs": [8.0, 5.0, 8.0],
        "times.epochs_seconds": [3.2, 2.0, 3.2],
    }.items():
        told = summary["metrics"][name]
        assert told["values"] == pytest.approx(found) and told["runs"] == 3
        assert told["mean"] == pytest.approx(np.mean(found))
        assert told["std"] == pytest.approx(np.std(found, ddof=1))
        if np.std(found) > 0:
            expected = stats.t.interval(0.95, df=2, loc=np.mean(found), scale=stats.sem(found))
            assert told["interval"] == pytest.approx(expected)
    assert len({run["accuracy"] for run in runs}) == 3, "runs that agree test nothing"
    assert summary["wilson"] == {f"seed-{n}": run["accuracy_interval"] for n, run in zip((0, 7, 42), runs, strict=True)}
    assert summary["training_seconds"] == summary["metrics"]["times.epochs_seconds"]


def test_the_validation_of_the_kept_epoch_is_told(tmp_path: Path) -> None:
    summary = summarize(read_repeats(finished(tmp_path)))
    last = [varied(0).history[-1], varied(1, 5).history[-1], varied(2).history[-1]]
    assert summary["metrics"]["val_accuracy"]["values"] == pytest.approx([row["val_accuracy"] for row in last])
    assert summary["metrics"]["val_loss"]["values"] == pytest.approx([row["val_loss"] for row in last])


def test_classes_one_by_one(tmp_path: Path) -> None:
    summary = summarize(read_repeats(finished(tmp_path)))
    each = [varied(seed, 8 if seed != 1 else 5) for seed in range(3)]
    scores = [f1_score(one.labels, one.probabilities.argmax(axis=1), average=None) for one in each]
    assert [line["class"] for line in summary["per_class"]] == [str(k) for k in range(10)]
    for k, line in enumerate(summary["per_class"]):
        assert line["f1"]["values"] == pytest.approx([found[k] for found in scores])
        assert line["support"] == int((each[0].labels == k).sum())


def test_only_finished_runs_count(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0))
    finish(folder, "seed-42", varied(2))
    found = read_repeats(folder)
    summary = summarize(found)
    assert (summary["runs"], summary["of"], summary["children"]) == (2, 3, ["seed-0", "seed-42"])
    assert found.count == "2 of 3 runs"
    assert len(summary["metrics"]["accuracy"]["values"]) == 2


def test_one_run_has_no_spread(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-7", varied(0))
    told = summarize(read_repeats(folder))["metrics"]["accuracy"]
    assert (told["std"], told["interval"], told["runs"]) == (None, None, 1)


def test_a_number_that_one_run_lacks_is_over_the_others(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0), log_loss=None)  # it was infinite
    finish(folder, "seed-7", varied(1))
    assert summarize(read_repeats(folder))["metrics"]["log_loss"]["runs"] == 1


def test_folds_together_hold_every_image_once(tmp_path: Path) -> None:
    folder = finished(tmp_path, "folds")
    images = (30, 20, 50)
    for index, n in enumerate(images, start=1):
        run = RunDir(folder.child(f"fold-{index}"))
        write_json(run.split, {"validation": {"images": n, "per_class": {}}})
        rows = Run(run.path).history
        text = run.history.read_text().replace(str(rows[-1]["val_accuracy"]), str((n - 3) / n))
        run.history.write_text(text)
    pooled = summarize(read_repeats(folder))["pooled_validation"]
    assert (pooled["correct"], pooled["images"], pooled["accuracy"]) == (91, 100, 0.91)
    low, high = stats.binomtest(91, 100).proportion_ci(method="wilson")
    assert pooled["interval"] == pytest.approx([low, high])
    assert "pooled_validation" not in summarize(read_repeats(finished(tmp_path / "seeds")))


def test_runs_on_other_test_images_are_refused(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    run = RunDir(folder.child("seed-7"))
    found = json.loads(run.metrics.read_text())
    found["data"]["test_images"]["sha256"] = "1" * 64
    write_json(run.metrics, found)
    with pytest.raises(DataError, match="seed-7 was tested on other images than seed-0"):
        read_repeats(folder)

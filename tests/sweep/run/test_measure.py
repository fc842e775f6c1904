from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnbench.cli.sweep_screen import trial_parts
from cnnbench.errors import DataError
from cnnbench.files.whole import write_csv, write_json, write_text
from cnnbench.sweep.define.sections import Objective
from cnnbench.sweep.run.measure import is_done, mean_of, seed_run, value
from cnnbench.sweep.run.trials import SeedRun, Trial
from cnnbench.sweep.tell.ranking import best
from cnnbench.sweep.tell.wording import shown_metric
from tests.builders.sweeps import RATE, choices, results, sweep

STATUS: dict[str, Any] = {"state": "done", "reason": "all epochs", "kept_epoch": 2, "seconds": 12.5}
HISTORY = [{"epoch": float(i), "val_accuracy": v} for i, v in enumerate((0.5, 0.8, 0.7), start=1)]
METRICS: dict[str, Any] = {
    "accuracy": 0.75,
    "times": {"training_seconds": 1.0, "epochs_seconds": 9.0},
    "parameters": {"total": 650},
    "macs": 640,
}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("val_accuracy", 0.8), ("training_seconds", 9.0), ("parameters", 650.0), ("macs", 640.0), ("epochs", 3.0)],
)
def test_values_are_of_the_kept_epoch_and_of_every_session(metric: str, expected: float) -> None:
    """training_seconds in metrics.json is the last session's: a resumed training's earlier epochs count too."""
    assert value(metric, STATUS, HISTORY, METRICS, {}) == expected


@pytest.mark.parametrize(
    ("state", "values", "test"), [("done", {"val_accuracy": 0.8}, {"accuracy": 0.75}), ("failed", {}, {})]
)
def test_only_a_finished_training_has_values(
    tmp_path: Path, state: str, values: dict[str, float], test: dict[str, float]
) -> None:
    write_text(tmp_path / "config.yaml", "name: x\n")
    write_json(tmp_path / "status.json", STATUS)
    write_json(tmp_path / "metrics.json", METRICS)
    write_csv(tmp_path / "history.csv", ["epoch", "val_accuracy"], [list(row.values()) for row in HISTORY])
    found = seed_run(tmp_path, 3, [Objective(metric="val_accuracy")], state, "", "its log")
    assert (found.seed, found.state, found.reason, found.log) == (3, state, "all epochs", "its log")
    assert (found.values, found.tested, found.epochs, found.seconds) == (values, test, 3, 12.5)


@pytest.mark.parametrize("accuracies", [(0.45, 0.45, 0.45), (0.86, 0.94), (0.1, 0.2, 0.3), (0.7, 0.7, 0.7)])
def test_a_mean_is_one_number_wherever_a_sweep_tells_it(accuracies: tuple[float, ...]) -> None:
    swept = sweep(choices(RATE, 0.1), repeats=len(accuracies))
    kept = [float(np.float32(value)) for value in accuracies]  # as Keras keeps them
    runs = [SeedRun(seed, "done", "", {"val_accuracy": value}, 1, 1.0) for seed, value in enumerate(kept)]
    mean = mean_of(runs, "val_accuracy")
    exact = float(sum(map(Fraction, map(str, accuracies))) / len(accuracies))
    assert shown_metric("val_accuracy", mean) == shown_metric("val_accuracy", exact)
    ranked = best(results(swept, [Trial(0, "p", {RATE: 0.1}, "done", "", tuple(runs), (mean,))]))
    assert ranked is not None and ranked.means["val_accuracy"].mean == mean
    parts = trial_parts(1, {RATE: 0.1}, swept, runs, "done", "")
    assert parts["val_accuracy"] == f"val_accuracy {shown_metric('val_accuracy', mean)}"


@pytest.mark.parametrize("damage", ["{", "[]", '{"seconds": "long"}'])
def test_a_damaged_training_is_not_done_and_ends_no_sweep(tmp_path: Path, damage: str) -> None:
    write_text(tmp_path / "status.json", damage)
    write_json(tmp_path / "metrics.json", METRICS)
    assert not is_done(tmp_path)
    run = seed_run(tmp_path, 7, [Objective(metric="val_accuracy")], "failed", "status.json: damaged", "")
    assert (run.state, run.reason, run.values, run.epochs) == ("failed", "status.json: damaged", {}, 0)
    with pytest.raises(DataError, match=r"status\.json"):
        seed_run(tmp_path, 7, [Objective(metric="val_accuracy")], "done", "", "")

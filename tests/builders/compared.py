"""Run folders to compare, made from one linear classifier on the digits whose test answers are spoilt on purpose."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cnnbench.files.whole import write_csv, write_json, write_text
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.builders.runs import Experiment, digits, write_interrupted_run, write_run

IMAGES = 497  # the test images of the digits
SHA = "ab" * 32


def spoilt(wrong: Iterable[int], classes: int = 10) -> Experiment:
    """A classifier that is right for every test image but for these rows, which it takes for the next class."""
    made = digits(classes)
    predicted = made.labels.copy()
    rows = np.array(sorted(wrong), dtype=int)
    predicted[rows] = (predicted[rows] + 1) % classes
    chances = np.full((len(predicted), classes), 0.1 / (classes - 1))
    chances[np.arange(len(predicted)), predicted] = 0.9
    return replace(made, probabilities=chances)


def finished(
    root: Path,
    wrong: Iterable[int],
    *,
    name: str = "linear",
    seed: int = 0,
    smoke: bool = False,
    images: str = SHA,
    classes: int = 10,
    path: Path | None = None,
    train: Mapping[str, Any] | None = None,
) -> RunDir:
    """Write a finished run that is wrong on these rows; `path` moves it there."""
    run = write_run(root, spoilt(wrong, classes), smoke=smoke, name=name)
    config = {"name": name, "seed": seed, "data": {"source": "digits"}, "model": {"name": name}, "train": train or {}}
    write_text(run.config, yaml.safe_dump(config))
    metrics = Run(run.path).metrics or {}
    metrics["data"]["test_images"] = {"sha256": images, "of": "pixels and labels"}
    times = {"training_seconds": 3.4, "test_seconds": 0.1, "epochs_seconds": 3.1}
    write_json(run.metrics, {**metrics, "times": times, "parameters": {"total": 650}, "macs": 640})
    split = {**json.loads(run.split.read_text()), "seeds": {"validation": seed}}
    split["validation"]["rows"] = f"{seed}-{seed + 9}"
    write_json(run.split, split)
    _number_epochs(run, seed)
    if path is None:
        return run
    path.parent.mkdir(parents=True, exist_ok=True)
    run.path.rename(path)
    return RunDir(path)


def repeats(
    root: Path, wrong: Mapping[int, Iterable[int]], *, name: str = "linear", unfinished: Sequence[int] = ()
) -> Path:
    """Write repeats of a configuration: seed -> the rows that its run is wrong on."""
    parent = root / name / "20260301-120000-repeats"
    for seed, rows in wrong.items():
        finished(root / ".made", rows, name=name, seed=seed, path=parent / f"seed-{seed}")
    for seed in unfinished:
        stopped = write_interrupted_run(root / ".made", digits(), name=name)
        stopped.path.rename(parent / f"seed-{seed}")
    seeds = sorted([*wrong, *unfinished])
    plan = {"kind": "seeds", "values": seeds, "children": [f"seed-{seed}" for seed in seeds], "name": name}
    write_json(parent / "repeats.json", {**plan, "smoke": False, "command": "train"})
    return parent


def sweep(root: Path, trials: Sequence[Mapping[str, Any]], *, name: str = "rates") -> Path:
    """Write a sweep: each trial has `point`, `state`, `values` (axis -> label), and `wrong` (seed -> rows)."""
    folder = root / name
    axes = list(trials[0]["values"])
    header = ["rank", "trial", "point", "state", "val_accuracy", "val_accuracy_std", "val_accuracy_low"]
    header += ["val_accuracy_high", "runs", *axes, "test_accuracy", "epochs", "seconds", "reason"]
    rows = []
    for number, trial in enumerate(trials):
        for seed, wrong in trial.get("wrong", {}).items():
            target = folder / "trials" / trial["point"] / f"seed-{seed}"
            finished(root / ".made", wrong, name=name, seed=seed, path=target, train=trial["values"])
        rank = number + 1 if trial["state"] == "done" else ""
        told = [rank, number, trial["point"], trial["state"], 0.9 - number / 100, 0.01, 0.8, 0.95]
        values = [trial["values"][axis] for axis in axes]
        rows.append([*told, len(trial.get("wrong", {})), *values, 0.9, 8, 3.4, trial.get("reason", "")])
    write_text(folder / "sweep.yaml", "base: linear\n")
    write_csv(folder / "leaderboard.csv", header, rows)
    return folder


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column."""
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def _number_epochs(run: RunDir, seed: int) -> None:
    """Let the curves of different seeds differ."""
    rows = Run(run.path).history
    for row in rows:
        row["val_accuracy"] -= 0.001 * seed
    write_csv(run.history, list(rows[0]), [list(row.values()) for row in rows])

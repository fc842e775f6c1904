"""Run folders, repeats and sweeps of a few lines each, in the formats that runs write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

BASE: dict[str, Any] = {
    "name": "plain",
    "seed": 0,
    "data": {"source": "digits", "validation": 0.2},
    "augment": [],
    "model": {"name": "vgg-small", "layers": ["Flatten", "classifier"]},
    "train": {"epochs": 20, "batch_size": 64, "optimizer": {"name": "Adam", "learning_rate": 0.001}},
}
ENDED = {"epoch": 8, "epochs": 20, "seconds": 61.0, "smoke": False, "host": "elsewhere", "pid": 1}


def write_text(path: Path, text: str) -> None:
    """Write a file without waiting for the disk, as runs do: there are many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value))


def make_run(path: Path, *, accuracy: float | None = None, state: str = "done", **changes: Any) -> Path:
    """Write a run folder; `changes` are keys of status.json, and with two underscores for a dot of config.yaml."""
    config: dict[str, Any] = yaml.safe_load(yaml.safe_dump(BASE))
    status = {"state": state, "reason": "because", "started": "2026-03-01T10:00:00+00:00", **ENDED}
    for key, value in changes.items():
        *sections, last = key.split("__")
        place = config if sections or key in ("seed",) else status
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    write_text(path / "config.yaml", yaml.safe_dump(config, sort_keys=False))
    write_json(path / "status.json", status)
    if accuracy is not None:
        write_json(path / "metrics.json", metrics(accuracy))
    return path


def metrics(accuracy: float) -> dict[str, Any]:
    return {
        "split": "test",
        "images": 497,
        "accuracy": accuracy,
        "top_k": {"5": 1.0},
        "macro": {"f1": accuracy - 0.05},
        "data": {"source": "digits", "notes": []},
        "times": {"training_seconds": 90.0},
        "parameters": {"total": 650, "trainable": 650, "non_trainable": 0},
    }


def make_repeats(path: Path, accuracies: list[float], state: str = "done", **status: Any) -> Path:
    """Write a folder of repeats with a run per accuracy."""
    children = [f"seed-{i}" for i in range(len(accuracies))]
    plan = {"kind": "seeds", "values": list(range(len(accuracies))), "children": children, "name": path.parent.name}
    write_json(path / "repeats.json", {**plan, "smoke": False})
    write_text(path / "base.yaml", yaml.safe_dump(BASE, sort_keys=False))
    write_json(path / "status.json", {"state": state, "started": "2026-03-02T10:00:00+00:00", **ENDED, **status})
    mean = sum(accuracies) / len(accuracies)
    found = {"accuracy": {"mean": mean}, "macro.f1": {"mean": mean - 0.05}}
    summary = {"runs": len(accuracies), "images": 497, "source": "digits", "metrics": found, "macs": 640}
    write_json(path / "summary.json", {**summary, "parameters": {"total": 650}})
    for i, (child, accuracy) in enumerate(zip(children, accuracies, strict=True)):
        make_run(path / child, accuracy=accuracy, seed=i)
    return path


def make_sweep(path: Path, accuracies: list[float], **status: Any) -> Path:
    """Write a sweep of so many points with one seed each, the best one first."""
    write_text(path / "sweep.yaml", "base: lenet5-digits\n")
    write_json(path / "status.json", {"state": "done", "started": "2026-03-03T10:00:00+00:00", **ENDED, **status})
    for i, accuracy in enumerate(accuracies):
        make_run(path / "trials" / f"point{i}" / "seed-0", accuracy=accuracy)
    make_run(path / "trials" / "bad" / "seed-0", state="failed")
    rows = [[i + 1, i, f"point{i}", "done", 1, accuracy] for i, accuracy in enumerate(accuracies)]
    header = ["rank", "trial", "point", "state", "runs", "test_accuracy"]
    table = [header, *rows, ["", len(rows), "bad", "failed", 0, ""]]
    write_text(path / "leaderboard.csv", "".join(",".join(map(str, row)) + "\n" for row in table))
    return path

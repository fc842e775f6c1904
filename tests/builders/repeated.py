"""Folders of repeats written by hand from real measurements, no training needed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cnnbench.config.load import load_config
from cnnbench.config.schema import Config
from cnnbench.files.whole import write_json
from cnnbench.repeats.plan import Plan, create_parent
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import RepeatsDir
from cnnbench.runs.run import Run
from tests.builders.runs import Experiment, digits, write_run, write_status
from tests.tools import tiny

TESTED = {"sha256": "0" * 64, "of": "pixels and labels"}


def config(**changes: Any) -> Config:
    """Return a small experiment on digits."""
    return load_config(tiny(**changes))


def planned(
    root: Path, kind: Literal["seeds", "folds"] = "seeds", values: Sequence[int] = (0, 7, 42), *, smoke: bool = False
) -> RepeatsDir:
    """Create the folder of repeats of which none has begun."""
    return create_parent(root, Plan(kind, values, config(), smoke=smoke, command="cnnbench train tiny.yaml"))


def varied(seed: int, epochs: int = 8, classes: int = 10) -> Experiment:
    """Return the linear classifier's results with some of its probabilities blurred, by seed, and so many epochs."""
    found = digits(classes)
    rng = np.random.default_rng(seed)
    noise = rng.dirichlet(np.ones(classes), len(found.labels))
    blurred = 0.7 * found.probabilities + 0.3 * noise
    history = [{**row, "val_loss": row["val_loss"] + 0.01 * seed} for row in found.history[:epochs]]
    return replace(found, probabilities=blurred, history=history)


def finish(folder: RepeatsDir, name: str, experiment: Experiment, **metrics: Any) -> RunDir:
    """Write a finished run into the folder of repeats."""
    made = write_run(folder.path / ".made", experiment)
    made.path.rename(folder.child(name))
    shutil.rmtree(folder.path / ".made")
    run, last = RunDir(folder.child(name)), len(experiment.history)
    write_status(run, epoch=last, best_epoch=last, kept_epoch=last)
    layers = Run(run.path).layers
    write_json(
        run.metrics,
        {
            **(Run(run.path).metrics or {}),
            "split": "test",
            "data": {"source": "digits", "notes": [], "test_images": TESTED},
            "weights": f"epoch {last}, the last",
            "times": {"training_seconds": 2.0, "test_seconds": 0.1, "epochs_seconds": 0.4 * last},
            "parameters": layers["parameters"],
            "macs": layers["macs"],
            **metrics,
        },
    )
    return run


def finished(root: Path, kind: Literal["seeds", "folds"] = "seeds", *, classes: int = 10) -> RepeatsDir:
    """Write repeats of which all have finished, the second a few epochs earlier than the others."""
    folder = planned(root, kind, (0, 7, 42) if kind == "seeds" else (1, 2, 3))
    names = ["seed-0", "seed-7", "seed-42"] if kind == "seeds" else ["fold-1", "fold-2", "fold-3"]
    for i, name in enumerate(names):
        finish(folder, name, varied(i, 8 if i != 1 else 5, classes))
    write_json(folder.status, {"state": "done", "reason": "3 runs", "seconds": 12.5, "smoke": False, "failed": {}})
    return folder

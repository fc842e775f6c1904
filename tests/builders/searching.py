"""What tests of whole sweeps share: small sweep files, and what must be equal between two of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.execute import SweepOptions, run_sweep
from cnnbench.sweep.run.trials import SweepResults, Trial
from cnnbench.sweep.tell.results import read_folder
from tests.tools import tiny

RATE = "train.optimizer.learning_rate"
GRID: dict[str, Any] = {
    "base": tiny(name="base", augment=[], train__epochs=2),
    "search": {"method": "grid"},
    "space": {RATE: [0.01, 0.001], "train.batch_size": [32, 64]},
    "execution": {"slots": 2, "threads": 1},
}


def write_sweep(folder: Path, name: str = "sweep", **changes: Any) -> Path:
    """Write a sweep file: the small grid with some of its keys changed."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**GRID, **changes}, sort_keys=False), encoding="utf-8")
    return path


def search(path: Path, **options: Any) -> SweepResults:
    """Run a sweep file beside itself."""
    return run_sweep(load_sweep(path), SweepOptions(output=path.parent / "outputs", **options))


def folder_of(path: Path) -> SweepDir:
    """Return the folder of a sweep that `search` ran."""
    return SweepDir(path.parent / "outputs" / path.stem)


def numbers(results: SweepResults) -> list[tuple[Any, ...]]:
    """Return what two sweeps that are the same agree on: points, states, values to the bit, in order."""
    return [_numbers(trial) for trial in results.trials]


def _numbers(trial: Trial) -> tuple[Any, ...]:
    runs = [(run.seed, run.state, dict(run.values), run.epochs, dict(run.tested)) for run in trial.runs]
    return dict(trial.values), trial.point, trial.state, trial.objectives, sorted(runs, key=lambda run: run[0])


def trained(folder: SweepDir) -> dict[str, int]:
    """Return when each run that is done got its results, by name; one killed just before gets them anew."""
    found = [p for p in folder.trials.glob("*/seed-*/metrics.json") if Run(p.parent).status.get("state") == "done"]
    return {str(p.relative_to(folder.path)): p.stat().st_mtime_ns for p in found}


def again(folder: SweepDir) -> SweepResults:
    """Return what the folder says."""
    return read_folder(folder.path, None)

"""Small trainings that are reported to sinks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnbench.config.load import load_config
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import resumed
from cnnbench.runs.folder import RunDir
from cnnbench.sinks.tracked import tracking
from tests.tools import tiny


def small(**changes: Any) -> dict[str, Any]:
    """Return a configuration that trains in a moment."""
    return tiny(**{"train__epochs": 2, "augment": [], "model__layers": ["Flatten", "classifier"], **changes})


def train(output: Path, *track: str, **changes: Any) -> RunDir:
    """Train on digits; keys of the configuration are changed."""
    options = Options(output=output, watch=tracking(track), report=changes.pop("report", False))
    return RunDir(execute(load_config(small(**changes)), options).path)


def go_on(run: RunDir, epochs: int, *track: str) -> RunDir:
    """Train a run for more epochs."""
    config, folder = resumed(run.path, [f"train.epochs={epochs}"])
    return RunDir(execute(config, Options(resume=folder, watch=tracking(track), report=False)).path)

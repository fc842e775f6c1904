"""What sinks leave in a run folder."""

from __future__ import annotations

from pathlib import Path

from cnnbench.runs.folder import RunDir


def tensorboard_folder(run: RunDir) -> Path:
    """Return the folder of TensorBoard's event files."""
    return run.path / "tensorboard"


def mlflow_file(folder: Path) -> Path:
    """Return the file that keeps where and as what a run, or a folder of many, is reported to MLflow."""
    return folder / "mlflow.json"

"""Which sinks there are and what each needs, without importing any."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.sinks.places import mlflow_file, tensorboard_folder

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.runs.folder import RunDir
    from cnnbench.sinks.types import Sink

SINKS = ("tensorboard", "mlflow")  # each needs the package and is an extra of the same name


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Return the sinks of `--track`, each once; raises ConfigError for an unknown or not installed one."""
    for name in names:
        if name not in SINKS:
            raise ConfigError(
                f"--track {name}: unknown sink; allowed are {' and '.join(SINKS)}{did_you_mean(name, SINKS)}"
            )
        if find_spec(name) is None or (name == "mlflow" and _lacks_store()):
            raise ConfigError(f"--track {name}: needs pip install 'cnnbench[{name}]'")
    return tuple(dict.fromkeys(names))


def _lacks_store() -> bool:
    """Return whether MLflow is the client alone (mlflow-skinny) and there is no server to send to."""
    return not os.environ.get("MLFLOW_TRACKING_URI") and find_spec("sqlalchemy") is None


def sinks_of(run: RunDir, config: Config, names: Sequence[str]) -> list[Sink]:
    """Return the sinks of a run: those named, and those it was reported to before it was stopped."""
    marks = {"tensorboard": tensorboard_folder(run), "mlflow": mlflow_file(run.path)}
    before = [name for name, mark in marks.items() if mark.exists()]
    return [_sink(name, run, config) for name in dict.fromkeys([*names, *before])]


def _sink(name: str, run: RunDir, config: Config) -> Sink:
    if name == "mlflow":
        from cnnbench.sinks.mlflow import MLflow

        return MLflow(run, config)
    from cnnbench.sinks.tensorboard import TensorBoard

    return TensorBoard(run, config)

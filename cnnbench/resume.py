"""Going on with a stopped run: what may change and what may not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.record import is_alive
from cnnbench.rundir import RunDir, open_run

MAY_CHANGE = ("train.epochs", "train.max_minutes", "train.threads")


def resumed(path: Path, overrides: Sequence[str]) -> tuple[Config, Path]:
    """Return the configuration and folder of a run to go on with.

    Raises ConfigError where the run still runs, or where an override would make another experiment of it.
    """
    from cnnbench.config.load import load_config

    run = open_run(path)
    for override in overrides:
        key = override.partition("=")[0]
        if key not in MAY_CHANGE:
            raise ConfigError(
                f"--resume {path}: {key} would make it another experiment; only {', '.join(MAY_CHANGE)} may change"
            )
    refuse_while_running(run)
    config = load_config(run.config, overrides)
    done = len(run.read_history())
    if config.train.epochs < done:
        raise ConfigError(f"--resume {run.path}: train.epochs={config.train.epochs}, but {done} epochs are done")
    return config, run.path


def refuse_while_running(run: RunDir) -> None:
    """Raise ConfigError where another process trains in this folder now."""
    status = run.read_status() if run.status.exists() else {}
    if is_alive(status):
        raise ConfigError(f"--resume {run.path}: still running (process {status['pid']})")

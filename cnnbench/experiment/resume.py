"""Going on with a stopped run: what may change and what may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cnnbench.config.load import load_run_config
from cnnbench.config.schema import Config, Train
from cnnbench.errors import ConfigError, DataError
from cnnbench.files.lock import held
from cnnbench.machine.runtime import BACKENDS, Backend
from cnnbench.runs.folder import RunDir
from cnnbench.runs.named import open_run, stands_for
from cnnbench.runs.run import Run
from cnnbench.training.checkpoint import epochs_in
from cnnbench.training.monitor import has_run_out_of_patience

MAY_CHANGE = ("train.epochs", "train.budget_minutes", "train.max_minutes", "train.threads")


def resumed(path: Path, overrides: Sequence[str]) -> tuple[Config, Path]:
    """Return the configuration and folder of a run to go on with.

    Raises ConfigError where the run still runs, or where an override would make another experiment of it, DataError
    where it has finished epochs but not their checkpoints any more.
    """
    found = stands_for(path)
    if found.kind == "sweep":
        raise ConfigError(f"--resume {found.path}: a sweep; `cnnbench sweep`, run again, goes on with it")
    run = open_run(found.path)
    for override in overrides:
        key = override.partition("=")[0]
        if key not in MAY_CHANGE:
            raise ConfigError(
                f"--resume {path}: {key} would make it another experiment; only {', '.join(MAY_CHANGE)} may change"
            )
    refuse_while_running(run)
    config = load_run_config(run.config, overrides)
    _refuse_other_length(load_run_config(run.config).train, config.train, run)
    done = _epochs_done(run)
    if config.train.most_epochs < done:
        raise ConfigError(f"--resume {run.path}: train.epochs={config.train.epochs}, but {done} epochs are done")
    return config, run.path


def _refuse_other_length(before: Train, now: Train, run: RunDir) -> None:
    if (before.budget_minutes is None) != (now.budget_minutes is None):
        length = "epochs" if before.budget_minutes is None else "budget_minutes"
        raise ConfigError(f"--resume {run.path}: train.{length} says how long it is trained, and only that may change")


def nothing_left(config: Config, run: RunDir) -> str | None:
    """Return why there is nothing to go on with in a run that has finished, None where there is."""
    told = Run(run.path)
    if not told.is_done or not run.model.exists():
        return None
    if config.model.estimator is not None:
        return f"{config.model.title} is fitted, and has no epochs"
    minutes = config.train.budget_minutes
    if minutes is None and len(told.history) >= config.train.epochs:
        return f"{len(told.history)} of {config.train.epochs} epochs are done; train.epochs=N goes on"
    if has_run_out_of_patience(told.history, config.train.early_stopping):
        return str(told.status.get("reason"))
    before = load_run_config(run.config).train.budget_minutes if minutes is not None else None
    if minutes is None or before is None or minutes > before:
        return None
    return f"{before:g} minutes are used; train.budget_minutes=N goes on"


def _epochs_done(run: RunDir) -> int:
    """Return how many epochs a run goes on after, those of its last checkpoint; raises DataError where one is gone."""
    last, best = run.last_checkpoint, run.best_checkpoint
    told = len(Run(run.path).history)
    done = epochs_in(last) if last.exists() else 0
    gone = last if told and not done else best if done > 1 and not best.exists() else None
    if gone is not None:
        raise DataError(f"--resume {run.path}: {done or told} epochs are done, but {gone} is gone; start a new run")
    return done


def refuse_while_running(run: RunDir) -> None:
    """Raise ConfigError where another process trains in this folder now, or where it has been removed meanwhile."""
    with alone_in(run):
        pass


@contextmanager
def alone_in(run: RunDir) -> Iterator[None]:
    """Keep others out of a run's folder; raises ConfigError where one is in it, or where it has been removed."""
    if not run.config.exists():
        raise ConfigError(f"--resume {run.path}: the run folder is gone")
    with held(run.path, f"--resume {run.path}: still running"):
        yield


def backend_of(run: RunDir, wanted: Backend | None) -> Backend | None:
    """Return the backend a run began on; raises ConfigError where another one is wanted."""
    began: Backend | None = Run(run.path).environment.get("backend")
    if began is not None and began not in BACKENDS:
        raise DataError(f"{run.environment}: backend: expected {', '.join(BACKENDS)}, found {began!r:.60}")
    if began is not None and wanted is not None and began != wanted:
        raise ConfigError(f"--backend {wanted}: {run.path} began on {began} and goes on there")
    return began or wanted


def differences(run: RunDir, environment: Mapping[str, Any]) -> list[str]:
    """Return a note on what is not as it was when the run began, for its numbers may then differ too."""
    before = Run(run.path).environment
    names = ("cnnbench", "python", "processor", "threads")
    pairs = [(name, before.get(name), environment.get(name)) for name in names]
    packages = before.get("packages", {})
    pairs += [(name, packages.get(name), now) for name, now in environment["packages"].items()]
    changed = [f"{name} {now} instead of {then}" for name, then, now in pairs if then is not None and then != now]
    return [f"went on with {', '.join(changed)}"] if changed else []

"""The check that all of a configuration works, shrunk to seconds."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnbench.config.architecture import load_architecture
from cnnbench.config.load import architecture_names, configs_dir, experiment_names, load_config
from cnnbench.config.schema import Config
from cnnbench.data.load import load_dataset
from cnnbench.errors import CnnbenchError, TrainingError, first_line
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.shrink import SHAPE, shrink
from cnnbench.learners.choose import load
from cnnbench.machine.runtime import Backend
from cnnbench.model.inspection import is_architecture, named, stand_in
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run

PARITY = 1e-5


@dataclass(frozen=True)
class Outcome:
    """How one configuration did: `problem` is None where everything worked."""

    config: str
    seconds: float
    problem: str | None


def for_architecture(source: str) -> Config:
    """Return an experiment on an architecture (shipped name or path) and images of the shape the file names.

    It has two classes, no validation and plain SGD: what an optimizer keeps beside 140 million parameters is not the
    network's matter.
    """
    shape = load_architecture(named(source)).input or SHAPE
    return load_config({**stand_in(source, shape, classes=2), "train": {"optimizer": "SGD"}}, ["data.validation=0"])


def smoke(config: Config, backend: Backend | None = None) -> None:
    """Train, checkpoint, save, reload and report a shrunk configuration; raises a CnnbenchError where a part fails.

    What has no epochs has no checkpoints. The next one finds an empty backend.
    """
    with tempfile.TemporaryDirectory(prefix="cnnbench-smoke-") as folder, _cleared():
        result = execute(shrink(config), Options(output=Path(folder), smoke=True, backend=backend))
        run = RunDir(result.path)
        checkpoints = (run.last_checkpoint, run.best_checkpoint) if result.config.train.epochs else ()
        missing = [p.name for p in (*checkpoints, run.report) if not p.exists()]
        if missing:
            raise TrainingError(f"not written: {', '.join(missing)}")
        _check_parity(run, result.config)


@contextmanager
def _cleared() -> Iterator[None]:
    """Let Keras forget the network at the end, where Keras came up."""
    try:
        yield
    finally:
        if (keras := sys.modules.get("keras")) is not None:
            keras.utils.clear_session()


def _check_parity(run: RunDir, config: Config) -> None:
    """Compare what the reloaded model says, probabilities or classes, with what the run wrote down."""
    written = Run(run.path).predictions
    if written is None:
        raise TrainingError("not written: predictions.csv")
    reloaded = load(run.model).predict_split(load_dataset(config).test)
    said = np.eye(len(written.class_names))[written.predicted] if (p := written.probabilities) is None else p
    difference = float(np.max(np.abs(reloaded - said)))
    if difference > PARITY:
        raise TrainingError(f"the reloaded model's probabilities differ by {difference:.2g} (allowed {PARITY:g})")


def shipped() -> list[str]:
    """Return the experiments that come with cnnbench and the architectures that none of them trains."""
    trained = {load_config(name).model.name for name in experiment_names()}
    others = [name for name in architecture_names() if name not in trained]
    return [*experiment_names(), *(str(configs_dir() / "architectures" / f"{name}.yaml") for name in others)]


def smoke_one(config: str, backend: Backend | None = None) -> Outcome:
    """Smoke one configuration; a failure is an outcome, and so is a mistake of the program itself."""
    began = time.monotonic()
    try:
        smoke(_load(config), backend)
        problem = None
    except CnnbenchError as e:
        problem = "; ".join(e.problems)
    except Exception as e:  # also a mistake of the program itself is something to find here
        problem = f"unexpected {type(e).__name__}: {first_line(e)}"
    return Outcome(_called(config), time.monotonic() - began, problem)


def _called(config: str) -> str:
    """Return the name of a file without its ending; a shipped name may hold a dot."""
    path = Path(config)
    return path.stem if path.suffix in (".yaml", ".yml") else path.name


def _load(config: str) -> Config:
    if is_architecture(config):
        return for_architecture(config)
    return load_config(config)

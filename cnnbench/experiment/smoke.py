"""Any configuration shrunk to seconds on synthetic images of its own shape, and the check that all of it works."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cnnbench.config import schedules
from cnnbench.config.schema import Config, Data
from cnnbench.errors import CnnbenchError, TrainingError, first_line
from cnnbench.machine.runtime import Backend
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run

SHAPE = (32, 32, 3)  # of image folders and archives that only their files could tell
CLASSES = 10
PARITY = 1e-5


@dataclass(frozen=True)
class Outcome:
    """How one configuration did: `problem` is None where everything worked."""

    config: str
    seconds: float
    problem: str | None


def shrink(config: Config) -> Config:
    """Return `config` with a step or two of one epoch on a few synthetic images of the shape its own data has.

    Everything that does not depend on the data is kept: network, augmentation, optimizer, schedule, loss.
    """
    from cnnbench.config.static import static_shape

    classes = _classes(config)
    fold = config.data.fold
    held_out = 0.5 if config.data.validation and fold is None else 0.0
    parts = fold.of if fold is not None else 2 if held_out else 1
    size = {
        "classes": classes,
        "shape": static_shape(config.data) or SHAPE,
        "train": parts * classes,  # an image of each class in each split
        "test": classes,
    }
    kept = {"fold": fold, "normalize": config.data.normalize}
    data = Data.model_validate({"source": "synthetic", "synthetic": size, "validation": held_out, **kept})
    changes = {
        "epochs": 1,
        "batch_size": max(2, -(-classes // 2)),
        "max_minutes": None,
        "class_weight": "balanced" if config.train.class_weight == "balanced" else None,
        "schedule": _short(config.train.schedule),
    }
    return config.model_copy(update={"data": data, "train": config.train.model_copy(update=changes)})


def _classes(config: Config) -> int:
    """Return how many of its classes are enough: what top-k accuracy needs, and no hundred more."""
    from cnnbench.config.static import static_classes

    known = static_classes(config.data) or 2
    return min(known, max([CLASSES, *(k + 1 for k in config.evaluation.top_k)]))


def _short(schedule: schedules.AnySchedule | None) -> schedules.AnySchedule | None:
    """Return the schedule with lengths that are steps of the one short epoch, or beyond its end."""
    if schedule is None or isinstance(schedule, schedules.ReduceLROnPlateau):  # which one epoch is too short for
        return None
    whole = {
        key: [float(i + 1) for i in range(len(length))] if isinstance(length, list) else 1.0
        for key, length in schedule.lengths.items()
    }
    return schedule.model_copy(update=whole)


def for_architecture(source: str) -> Config:
    """Return an experiment on an architecture (shipped name or path) and images of the shape the file names.

    It has two classes, no validation and plain SGD: what an optimizer keeps beside 140 million parameters is not the
    network's matter.
    """
    from cnnbench.config.architecture import load_architecture
    from cnnbench.config.load import load_config
    from cnnbench.model.inspection import named, stand_in

    shape = load_architecture(named(source)).input or SHAPE
    return load_config({**stand_in(source, shape, classes=2), "train": {"optimizer": "SGD"}}, ["data.validation=0"])


def smoke(config: Config) -> None:
    """Train, checkpoint, save, reload and report a shrunk configuration; raises a CnnbenchError where a part fails."""
    from cnnbench.experiment.execute import execute
    from cnnbench.experiment.options import Options

    with tempfile.TemporaryDirectory(prefix="cnnbench-smoke-") as folder:
        result = execute(shrink(config), Options(output=Path(folder), smoke=True))
        run = RunDir(result.path)
        missing = [p.name for p in (run.last_checkpoint, run.best_checkpoint, run.report) if not p.exists()]
        if missing:
            raise TrainingError(f"not written: {', '.join(missing)}")
        _check_parity(run, result.config)


def _check_parity(run: RunDir, config: Config) -> None:
    """Compare the reloaded model's probabilities with the ones the run wrote down."""
    import numpy as np

    from cnnbench.data.load import load_dataset
    from cnnbench.evaluation.predict import predict_split
    from cnnbench.model.archive import load_model

    written = Run(run.path).predictions
    if written is None:
        raise TrainingError("not written: predictions.csv")
    reloaded = predict_split(load_model(run.model), load_dataset(config).test)
    difference = float(np.max(np.abs(reloaded - written.probabilities)))
    if difference > PARITY:
        raise TrainingError(f"the reloaded model's probabilities differ by {difference:.2g} (allowed {PARITY:g})")


def shipped() -> list[str]:
    """Return the experiments that come with cnnbench and the architectures that none of them trains."""
    from cnnbench.config.load import architecture_names, configs_dir, experiment_names, load_config

    trained = {load_config(name).model.name for name in experiment_names()}
    others = [name for name in architecture_names() if name not in trained]
    return [*experiment_names(), *(str(configs_dir() / "architectures" / f"{name}.yaml") for name in others)]


def smoke_one(config: str, backend: Backend | None = None) -> Outcome:
    """Smoke one configuration; a failure is an outcome, and so is a mistake of the program itself."""
    began = time.monotonic()
    try:
        _train(_load(config), backend)
        problem = None
    except CnnbenchError as e:
        problem = "; ".join(e.problems)
    except Exception as e:  # also a mistake of the program itself is something to find here
        problem = f"unexpected {type(e).__name__}: {first_line(e)}"
    return Outcome(Path(config).stem, time.monotonic() - began, problem)


def _train(config: Config, backend: Backend | None) -> None:
    """Start Keras, now that the configuration is one, and smoke it; the next network finds an empty backend."""
    from cnnbench.machine import runtime

    runtime.start(backend)
    import keras

    try:
        smoke(config)
    finally:
        keras.utils.clear_session()


def _load(config: str) -> Config:
    from cnnbench.config.load import load_config
    from cnnbench.model.inspection import is_architecture

    if is_architecture(config):
        return for_architecture(config)
    return load_config(config)

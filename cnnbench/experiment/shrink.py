"""Any configuration shrunk to seconds on synthetic images of its own shape."""

from __future__ import annotations

from typing import Any

from cnnbench.config import schedules
from cnnbench.config.estimator import estimator_of, steps_of
from cnnbench.config.schema import Config, Data, Train
from cnnbench.config.static import static_classes, static_shape

SHAPE = (32, 32, 3)  # of image folders and archives that only their files could tell
CLASSES = 10
COUNTS = ("components", "n_clusters", "n_neighbors")  # arguments that need as many images


def shrink(config: Config) -> Config:
    """Return `config` with a step or two of one epoch on a few synthetic images of the shape its own data has.

    Each stage of the training has an epoch. All that does not depend on the data is kept, network, augmentation,
    optimizer, schedule and loss, but for weights from elsewhere.
    """
    classes = _classes(config)
    fold = config.data.fold
    held_out = 0.5 if config.data.validation and fold is None else 0.0
    parts = fold.of if fold is not None else 2 if held_out else 1
    size = {
        "classes": classes,
        "shape": static_shape(config.data) or SHAPE,
        "train": parts * _images(config, classes),
        "test": classes,
    }
    none = dict.fromkeys(("weights", "head", "allow_skew"))  # weights may have to be downloaded
    model = config.model.model_copy(update=none).in_full()
    scaled = "unit" if config.data.normalize == "pretrained" else config.data.normalize
    kept = {"fold": fold, "normalize": scaled}
    data = Data.model_validate({"source": "synthetic", "synthetic": size, "validation": held_out, **kept})
    changes = {
        "epochs": 1,
        **_stages(config.train),
        "batch_size": max(2, -(-classes // 2)),
        "max_minutes": None,
        "budget_minutes": None,
        "class_weight": "balanced" if config.train.class_weight == "balanced" else None,
        "schedule": _short(config.train.schedule),
    }
    train = config.train if config.model.estimator is not None else config.train.model_copy(update=changes)
    return config.model_copy(update={"data": data, "model": model, "train": train})


def _stages(train: Train) -> dict[str, Any]:
    """Return the same stages of an epoch each."""
    if (dsd := train.dense_sparse_dense) is not None:
        return {"epochs": 3, "dense_sparse_dense": dsd.model_copy(update={"dense_epochs": 1, "sparse_epochs": 1})}
    steps = [step.model_copy(update={"after_epochs": i}) for i, step in enumerate(train.unfreeze_steps, start=1)]
    return {"epochs": 1 + len(steps), "unfreeze": steps} if steps else {}


def _images(config: Config, classes: int) -> int:
    """Return how many images each split has: one of each class, or as many as an estimator counts with."""
    model = config.model
    if model.estimator is None:
        return classes
    named = [estimator_of(model)[1], *(arguments for _, arguments in steps_of(model))]
    counts = [args[key] for args in named for key in COUNTS if type(args.get(key)) is int]
    return classes * max(10, -(-max(counts, default=0) // classes) + 1)


def _classes(config: Config) -> int:
    """Return how many of its classes are enough: what top-k accuracy needs, and no hundred more."""
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

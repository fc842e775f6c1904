"""Any configuration shrunk to seconds on synthetic images of its own shape."""

from __future__ import annotations

from cnnbench.config import schedules
from cnnbench.config.schema import Config, Data
from cnnbench.config.static import static_classes, static_shape

SHAPE = (32, 32, 3)  # of image folders and archives that only their files could tell
CLASSES = 10


def shrink(config: Config) -> Config:
    """Return `config` with a step or two of one epoch on a few synthetic images of the shape its own data has.

    All that does not depend on the data is kept, network, augmentation, optimizer, schedule and loss, but for weights
    from elsewhere.
    """
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
    model = config.model.model_copy(update={"weights": None})  # which may have to be downloaded
    scaled = "unit" if config.data.normalize == "pretrained" else config.data.normalize
    kept = {"fold": fold, "normalize": scaled}
    data = Data.model_validate({"source": "synthetic", "synthetic": size, "validation": held_out, **kept})
    changes = {
        "epochs": 1,
        "batch_size": max(2, -(-classes // 2)),
        "max_minutes": None,
        "class_weight": "balanced" if config.train.class_weight == "balanced" else None,
        "schedule": _short(config.train.schedule),
    }
    train = config.train.model_copy(update=changes)
    return config.model_copy(update={"data": data, "model": model, "train": train})


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

"""What makes two trainings the same point of a sweep."""

from __future__ import annotations

import hashlib
import json

from cnnbench.config.calls import augment_told
from cnnbench.config.schema import Config

# Repeats differ in the seed, and none of the others changes the numbers that are studied.
LEFT_OUT: tuple[tuple[str, ...], ...] = (
    ("name",),
    ("description",),
    ("seed",),
    ("model", "published"),
    ("train", "cache_features"),
    ("train", "threads"),
    ("train", "max_minutes"),
    ("train", "watch_dead_units"),
)


def identity(config: Config) -> str:
    """Return the first 12 hex digits of the SHA-256 of what decides a configuration's numbers.

    Keys are sorted and what is null is left out, so that it is the same in every process, and for a configuration
    that was written and read again. Defaults of what is chosen by name are left out too: that they are written says
    nothing, and a sweep that began before they were has its points by this name.
    """
    data = config.model_dump(mode="json", exclude_none=True)
    chosen = (config.train.optimizer, config.train.schedule, config.train.loss)
    names = ("optimizer", "schedule", "loss")
    data["augment"] = augment_told(config.augment)
    data["train"] |= {name: choice.told() for name, choice in zip(names, chosen, strict=True) if choice is not None}
    for *sections, key in LEFT_OUT:
        place = data
        for section in sections:
            place = place[section]
        place.pop(key, None)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]

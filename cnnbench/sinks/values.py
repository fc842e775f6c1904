"""A run's configuration and measurements as flat names and values, which is all that sinks know."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.config.schema import Config
from cnnbench.numbers import leaves, numbers
from cnnbench.text import label
from cnnbench.training.monitor import Row

LONGEST = 250  # characters of a value; config.yaml has all of them


def settings(config: Config) -> dict[str, bool | int | float | str]:
    """Return the configuration by dotted key; lists are JSON, and what is too long is cut in its middle."""
    return {key: _plain(value) for key, value in leaves(config.model_dump(mode="json"))}


def _plain(value: Any) -> bool | int | float | str:
    if isinstance(value, bool | int | float):
        return value
    return label(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), LONGEST)


def measurements(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return every number of `metrics.json` by dotted key; those of single classes stay in the file."""
    return {key: float(value) for key, value in numbers(metrics).items()}


def epoch_numbers(row: Row) -> dict[str, float]:
    """Return what was measured in an epoch, without its number."""
    return {name: value for name, value in row.items() if name != "epoch"}


def times_of(history: Sequence[Row]) -> list[float]:
    """Return when each epoch ended, in seconds since 1970: pauses before an earlier stop are left out."""
    now, ends = time.time(), []
    for row in reversed(history):
        ends.append(now)
        now -= row.get("seconds", 0.0)
    return ends[::-1]

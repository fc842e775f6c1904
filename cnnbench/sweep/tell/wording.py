"""How a sweep's metrics, swept keys and values are written for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cnnbench.catalogue.measures import measure
from cnnbench.statistics.intervals import Mean
from cnnbench.text import NOTHING, count, label, percent, plain, significant

NAME_LIMIT = 32
NAMES = {"accuracy": "accuracy", "macro.precision": "precision", "macro.recall": "recall", "macro.f1": "F1"}


def shown_metric(metric: str, value: float | None) -> str:
    """Return a metric's value: shares in per cent, whole numbers whole, others in significant digits."""
    if measure(metric).is_share:
        return percent(value)
    return count(value) if value is not None and float(value).is_integer() else significant(value)


def shown_interval(metric: str, mean: Mean) -> str:
    """Return "90.12 to 91.40 %", a dash for a single run and for runs that all agree."""
    if mean.interval is None:
        return NOTHING
    low, high = (shown_metric(metric, end) for end in mean.interval)
    return f"{low.removesuffix(' %')} to {high}"


def shown_mean(metric: str, mean: Mean) -> str:
    """Return "90.80 ± 0.31 %": mean and standard deviation, the mean alone where there is none or none but zero."""
    value = shown_metric(metric, mean.mean)
    if not mean.std:
        return value
    return f"{value.removesuffix(' %')} ± {shown_metric(metric, mean.std)}"


def shown_value(value: Any) -> str:
    """Return a swept value as a file would hold it, numbers of more than six digits in four."""
    if isinstance(value, float):
        return plain(value) if float(plain(value)) == value else f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shown_values(values: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return "learning_rate 0.001, epochs 5" of the values of a point; `names` are the names of their paths."""
    return ", ".join(f"{name} {label(shown_value(values[path]), NAME_LIMIT)}" for path, name in names.items())


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Return path -> its last parts, as many as tell it from every other path."""
    return {path: _shortest(path, paths) for path in paths}


def plural(number: int, noun: str, many: str | None = None) -> str:
    """Return "1 trial", "1,200 trials"."""
    return f"{count(number)} {noun if number == 1 else many or noun + 's'}"


def _shortest(path: str, paths: Sequence[str]) -> str:
    parts = path.split(".")
    for length in range(1, len(parts)):
        ending = parts[-length:]
        if sum(other.split(".")[-length:] == ending for other in paths) == 1:
            return ".".join(ending)
    return path

"""The numbers of a metrics.json by dotted path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.numbers import numbers


def measures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return dotted path -> number; a class' scores are `per_class.<class>.f1` and so on."""
    by_class = {str(line["class"]): line for line in metrics.get("per_class", [])}
    return numbers({**metrics, "per_class": by_class})


def check_measure(measure: str, known: Iterable[str]) -> None:
    """Raise ConfigError where no run has such a measure."""
    names = sorted(set(known))
    if measure not in names:
        short = [name for name in names if not name.startswith("per_class.")]
        hint = did_you_mean(measure, names) or f"; there are {', '.join(short)} and per_class.<class>.f1"
        raise ConfigError(f"--by {measure}: no run has this metric{hint}")

"""`--fail-under metric=value`: parsed before anything runs, checked after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from cnnbench.catalogue.measures import limited, measure
from cnnbench.errors import ConfigError, ThresholdError, did_you_mean


def parse(assignments: Sequence[str]) -> dict[str, float]:
    """Return metric name to least value; raises ConfigError for an unknown metric or a value that it cannot have."""
    return dict(_parse_one(assignment) for assignment in assignments)


def _parse_one(assignment: str) -> tuple[str, float]:
    name, equals, text = assignment.partition("=")
    if not equals:
        raise ConfigError(f"--fail-under {assignment}: expected metric=value, as in accuracy=0.9")
    known = limited()
    if name not in known:
        raise ConfigError(
            f"--fail-under {assignment}: unknown metric; allowed are {', '.join(known)}{did_you_mean(name, known)}"
        )
    low, high = measure(name).bounds
    try:
        value = float(text)
    except ValueError:
        value = nan
    if low is None or high is None or not low <= value <= high:
        raise ConfigError(f"--fail-under {assignment}: {text!r} is no number from {low:g} to {high:g}")
    return name, value


def check(thresholds: Mapping[str, float], metrics: Mapping[str, Any]) -> None:
    """Raise ThresholdError with one line per metric that is lower than asked."""
    missed = [
        f"--fail-under {name}={least}: {name} is {found}, measured on {metrics['images']} {metrics['split']} images"
        for name, least in thresholds.items()
        if (found := _value(metrics, name)) < least
    ]
    if missed:
        raise ThresholdError(*missed)


def check_means(thresholds: Mapping[str, float], summary: Mapping[str, Any]) -> None:
    """Raise ThresholdError with one line per metric whose mean over the runs in `summary.json` is lower than asked."""
    means = {name: summary["metrics"][name]["mean"] for name in thresholds}
    measured = f"over {summary['runs']} runs on {summary['images']} {summary['split']} images" if means else ""
    missed = [
        f"--fail-under {name}={least}: mean {name} is {means[name]}, {measured}"
        for name, least in thresholds.items()
        if means[name] < least
    ]
    if missed:
        raise ThresholdError(*missed)


def _value(metrics: Mapping[str, Any], name: str) -> float:
    value: Any = metrics
    for part in name.split("."):
        value = value[part]
    return float(value)

"""`--fail-under metric=value`: parsed before anything runs, checked after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, nan
from typing import Any

from cnnbench.catalogue.measures import limited, measure
from cnnbench.errors import ConfigError, ThresholdError, did_you_mean
from cnnbench.numbers import numbers


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
    """Raise ThresholdError with one line per metric that is lower than asked, or undefined on these images."""
    found = numbers(metrics)
    _refuse(
        f"--fail-under {name}={least}: {name} is {found.get(name, 'undefined')}, "
        f"measured on {metrics['images']} {metrics['split']} images"
        for name, least in thresholds.items()
        if found.get(name, -inf) < least
    )


def check_means(thresholds: Mapping[str, float], summary: Mapping[str, Any]) -> None:
    """Raise ThresholdError with one line per metric whose mean over the runs in `summary.json` is lower than asked."""
    means = {name: statistic["mean"] for name, statistic in summary["metrics"].items()}
    _refuse(
        f"--fail-under {name}={least}: mean {name} is {means.get(name, 'undefined')}, "
        f"over {summary['runs']} runs on {summary['images']} {summary['split']} images"
        for name, least in thresholds.items()
        if means.get(name, -inf) < least
    )


def _refuse(missed: Iterable[str]) -> None:
    if lines := list(missed):
        raise ThresholdError(*lines)

"""The numbers in nested mappings, as in `metrics.json`, by dotted key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def is_number(value: Any) -> bool:
    """Return whether a value is a number; a bool is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers(mapping: Mapping[Any, Any]) -> dict[str, float]:
    """Return what is a number in a mapping of mappings by dotted key."""
    return {key: value for key, value in leaves(mapping) if is_number(value)}


def leaves(mapping: Mapping[Any, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a mapping of mappings holds by dotted key; lists are values."""
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value

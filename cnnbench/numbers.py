"""Numbers: means without noise, and those in nested mappings, as in `metrics.json`, by dotted key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import fsum
from typing import Any


def is_number(value: Any) -> bool:
    """Return whether a value is a number; a bool is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def without_noise(value: float) -> float:
    """Return `value` to 15 significant digits, all that sums and means of double precision can be trusted for.

    The mean of 0.86 and 0.94 is 0.8999999999999999 by addition and division, and 0.9.
    """
    return float(f"{value:.15g}")


def mean(values: Collection[float]) -> float:
    """Return the mean of at least one value, without the noise of adding and never beyond the values themselves."""
    found = without_noise(fsum(values) / len(values))
    return min(max(found, min(values)), max(values))


def shortest(value: float) -> float:
    """Return the shortest decimal number that is the same single-precision number, where `value` is one.

    Keras measures in single precision: an accuracy of 0.285 comes as 0.2849999964, and is 0.285.
    """
    import numpy as np

    single = np.float32(value)
    return float(str(single)) if float(single) == value else value


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

"""Times that can be compared: contenders take turns, so that what else the machine does falls on all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

ROUNDS = 40  # at most: more would not move the quartiles
LEAST = 5  # turns, for quartiles to say anything

Work = Callable[[], object]  # comes back when all of it is computed


@dataclass(frozen=True)
class Spread:
    """What one contender took, turn by turn, in whatever unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return float(np.median(self.values))

    @property
    def quartiles(self) -> tuple[float, float]:
        """A quarter of the values is below the first, a quarter above the second."""
        low, high = np.percentile(self.values, [25, 75])
        return float(low), float(high)

    def is_below(self, other: Spread) -> bool:
        """Return whether it is measurably smaller: both were measured often enough, and no quartiles overlap."""
        return min(len(self.values), len(other.values)) >= LEAST and self.quartiles[1] < other.quartiles[0]

    def minus(self, other: Spread) -> Spread:
        """Return the differences turn by turn."""
        return Spread(tuple(a - b for a, b in zip(self.values, other.values, strict=True)))

    def as_dict(self) -> dict[str, float | int]:
        """Return what JSON holds of it."""
        low, high = self.quartiles
        return {"median": self.median, "lower_quartile": low, "upper_quartile": high, "turns": len(self.values)}


def seconds(work: Work) -> float:
    """Return how long it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(contenders: Mapping[str, Work], deadline: float, rounds: int = ROUNDS) -> dict[str, Spread]:
    """Return the seconds of each contender, each as often as the others; see `values_in_turns`."""
    return values_in_turns({name: _timed(work) for name, work in contenders.items()}, deadline, rounds)


def values_in_turns(
    contenders: Mapping[str, Callable[[], float]], deadline: float, rounds: int = ROUNDS
) -> dict[str, Spread]:
    """Return what each contender gives, each as often as the others, until `deadline` of the monotonic clock.

    The first turn of each, in which things are compiled, is not counted. Who comes first changes with every round. No
    turn is begun that would not end in time, going by the last round; contenders for whose first turn there is no time
    are left out, and all of them where there is none for a round.
    """
    ready, slowest = {}, 0.0
    for name, value in contenders.items():
        began = time.monotonic()
        if began + slowest >= deadline:
            break
        value()
        slowest = max(slowest, time.monotonic() - began)
        ready[name] = value
    found: dict[str, list[float]] = {name: [] for name in ready}
    names, took = list(ready), 0.0
    for turn in range(rounds):
        began = time.monotonic()
        if not names or began + took >= deadline:
            break
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(ready[name]())
        took = time.monotonic() - began
    return {name: Spread(tuple(values)) for name, values in found.items() if values}


def _timed(work: Work) -> Callable[[], float]:
    return lambda: seconds(work)

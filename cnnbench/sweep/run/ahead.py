"""Which of the points that are next a machine takes where others take theirs in the same moment."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from cnnbench.sweep.define.sweep import Values
from cnnbench.sweep.run.trials import key_of

SPREAD = 8  # points for every trial that others run: two that ask at once then rarely take the same one


@dataclass(frozen=True)
class Crowd:
    """How many trials `others` run now, and a text that tells this folder's process from theirs."""

    others: int = 0
    mark: str = ""

    def place(self, turn: int) -> int:
        """Return a number that differs from machine to machine and from turn to turn; 0 for who is alone."""
        return zlib.crc32(f"{self.mark} {turn}".encode()) if self.others else 0


class Ahead:
    """The points of a plan, in order, of which it looks at no more than it has to."""

    def __init__(self, plan: Iterable[Values]) -> None:
        self._plan = iter(plan)
        self._next: dict[str, Values] = {}

    def pick(self, tried: Mapping[str, Values], crowd: Crowd, left: float) -> Values | None:
        """Return a point that is not tried yet, None where the plan has ended.

        Who is alone gets the first. In a crowd it is one of the next few, and never one behind the `left` that the
        budget still has: which points are tried is the same for one machine and for many.
        """
        among = min(1 + SPREAD * crowd.others, left)
        self._next = {key: values for key, values in self._next.items() if key not in tried}
        while len(self._next) < among and (values := next(self._plan, None)) is not None:
            if (key := key_of(values)) not in tried:
                self._next[key] = values
        few = list(islice(self._next.values(), int(min(among, len(self._next)))))
        return few[crowd.place(len(tried)) % len(few)] if few else None

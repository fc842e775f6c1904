"""How much a server takes upon itself, and what it says to who asks for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one request may hold, and how many may be under way; `seconds` is how long a body may take to arrive."""

    bytes: int = 16 * 2**20
    pixels: int = 25_000_000
    images: int = 64
    requests: int = 64
    seconds: float = 30


class Refused(Exception):
    """A request that gets no answer: an HTTP status, one line, and a line per image where several are to blame."""

    def __init__(self, status: int, detail: str, problems: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.problems = status, detail, list(problems)

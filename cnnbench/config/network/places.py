"""Where an entry of a configuration stands, and the list of mistakes found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cnnbench.catalogue.values import LONGEST_PATH, KeyPath, dotted, found, shortened
from cnnbench.errors import ConfigError, did_you_mean


class Mark(Protocol):
    """Where a key stands in a file."""

    @property
    def file(self) -> str:
        """Path of the file."""

    @property
    def line(self) -> int:
        """Line, counted from 1; 0 for what is not in a file."""


@dataclass(frozen=True)
class Place:
    """Where an entry is written (`definition`), as part of what (`use`), inside which blocks (`stack`)."""

    definition: KeyPath
    use: KeyPath
    stack: tuple[str, ...] = ()

    @classmethod
    def top(cls, *path: str) -> Place:
        """Return the place of a key that is written where it is used."""
        return cls(path, path)

    def __truediv__(self, key: str | int) -> Place:
        return Place((*self.definition, key), (*self.use, key), self.stack)


@dataclass
class Mistakes:
    """Collects mistakes so that all are told at once, each with its place."""

    marks: Mapping[KeyPath, Mark]
    lines: dict[tuple[KeyPath, str], str] = field(default_factory=dict)

    def where(self, place: Place) -> str:
        """Return "file:line: model.layers[3].Conv2D"; without the file where it is not known."""
        path = place.definition
        while path and path not in self.marks:
            path = path[:-1]
        mark = self.marks.get(path)
        file = "" if mark is None else f"{mark.file}:{mark.line}: " if mark.line else f"{mark.file}: "
        return file + dotted(("model", *place.use))

    def add(self, place: Place, message: str) -> None:
        """Note a mistake; one in a block's definition is told once however often the block is used."""
        self.lines.setdefault((place.definition, message), f"{self.where(place)}: {message}")

    def check(self) -> None:
        """Raise ConfigError with one line per mistake noted so far."""
        if self.lines:
            raise ConfigError(*self.lines.values())

    def fields(
        self, value: Any, place: Place, required: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        """Return the fields of a mapping, or note what is missing or unknown and return None."""
        allowed = [*required, *optional]
        known = shortened(", ".join(allowed), LONGEST_PATH) or "none"
        if not isinstance(value, Mapping):
            self.add(place, f"expected a mapping with {known}, found {describe(value)}")
            return None
        unknown = [str(key) for key in value if key not in allowed]
        missing = [key for key in required if key not in value]
        for key in unknown:
            self.add(place / key, f"unknown key (allowed: {known}){did_you_mean(key, allowed)}")
        for key in missing:
            self.add(place, f"{shortened(key)} is missing")
        return None if unknown or missing else dict(value)


def describe(value: Any) -> str:
    """Return what a value is, short enough for an error message."""
    if value is None or value == [] or value == {}:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else found(value)

"""What was read from YAML: plain values, where each of them stands, and what was wrong with the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnbench.catalogue.values import KeyPath, dotted

COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Mark:
    """Where a key stands: the file and its line, counted from 1. Overrides stand on the command line, line 0."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Document:
    """Plain values with a mark for every key path, and the mistakes found on the way.

    `data` holds None, bool, int, float, str, list and dict with str keys only. `problems` are key paths with the
    line that tells the mistake.
    """

    data: Any
    marks: Mapping[KeyPath, Mark] = field(default_factory=dict)
    problems: tuple[tuple[KeyPath, str], ...] = ()

    def mark(self, path: KeyPath) -> Mark | None:
        """Return the mark of a key path, or of the nearest section around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path)

    def problem(self, path: KeyPath, message: str) -> str:
        """Return one line: `file:line: key.path: message`."""
        where = [str(mark)] if (mark := self.mark(path)) else []
        return ": ".join([*where, *([dotted(path)] if path else []), message])

    def folder(self, path: KeyPath) -> Path:
        """Return the folder that a relative path written at this key path is relative to."""
        mark = self.marks.get(path)  # its own: a section around it may be another file's
        return Path(mark.file).parent if mark and mark.line else Path()

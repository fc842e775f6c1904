"""Everything wrong with a sweep file, gathered to be told at once."""

from __future__ import annotations

from collections.abc import Iterable

from cnnbench.catalogue.values import KeyPath, Violation
from cnnbench.config.document import Document, Mark
from cnnbench.errors import ConfigError


class Mistakes:
    """Lines about a sweep's document; `wrong` holds the sections that have one."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.wrong = {str(path[0]) for path, _ in document.problems if path}
        self._lines: list[tuple[Mark | None, str]] = []
        self._text = [line for _, line in document.problems]

    def add(self, path: KeyPath, message: str) -> None:
        """Tell a mistake at a key path of the sweep."""
        self.wrong |= {str(key) for key in path[:1]}
        self._lines.append((self.document.mark(path), self.document.problem(path, message)))

    def add_all(self, violations: Iterable[Violation], below: KeyPath = ()) -> None:
        """Tell mistakes by key paths below a section."""
        for path, message in violations:
            self.add((*below, *path), message)

    def add_lines(self, lines: Iterable[str], path: KeyPath) -> None:
        """Tell lines that name their own place, found while the value at `path` was looked at."""
        told = [(self.document.mark(path), line) for line in lines]
        self.wrong |= {str(key) for key in path[:1] if told}
        self._lines += told

    def check(self) -> None:
        """Raise ConfigError with all of them in the file's order, if there is any."""
        ordered = sorted(self._lines, key=lambda each: (each[0].file, each[0].line) if each[0] else ("", 0))
        if lines := [*self._text, *(line for _, line in ordered)]:
            raise ConfigError(*dict.fromkeys(" ".join(line.splitlines()) for line in lines))

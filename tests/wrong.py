"""A wrong file with the lines that tell its mistakes, and the check that they do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Wrong:
    """Something wrong to load: `files` written beside each other, the first of them loaded, with overrides.

    `expected` holds the start of each line; "8: train.epochs: ..." stands in the first file on line 8, a file's name at
    its start stands for that file's path, and other text is taken as it is. " ... " stands for anything.
    """

    expected: tuple[str, ...]
    files: dict[str, str]
    overrides: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.expected[0]} {' '.join(self.overrides)}"[:90]

    def write(self, folder: Path) -> Path:
        """Write the files and return the path of the one to load."""
        for name, content in self.files.items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder / next(iter(self.files))

    def assert_told(self, lines: Sequence[str], folder: Path) -> None:
        """Assert that there is one line per mistake, and that each starts as expected."""
        starts = [self._start(line, folder) for line in self.expected]
        assert len(lines) == len(starts), lines
        assert all("\n" not in line for line in lines)
        for line, start in zip(lines, starts, strict=True):
            pattern = ".*".join(map(re.escape, start.split(" ... ")))
            assert re.match(pattern, line), f"{line!r} does not start with {start!r}"

    def assert_printed(self, stderr: str, folder: Path) -> None:
        """Assert the same of what a command printed on standard error."""
        self.assert_told([line.removeprefix("error: ") for line in stderr.splitlines()], folder)

    def _start(self, line: str, folder: Path) -> str:
        if re.match(r"\d+: ", line):
            return f"{folder / next(iter(self.files))}:{line}"
        return f"{folder / line}" if line.startswith(tuple(self.files)) else line

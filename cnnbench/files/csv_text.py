"""Tables as CSV that a spreadsheet takes for text where it is text, and that reads back as it was.

A cell of text that a spreadsheet would take for a formula, for it begins with =, +, -, @, a tab or a carriage return,
gets an apostrophe in front; numbers get none. `text_of` takes it away again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table with a header row, its lines ended by a line feed."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\r\n").writerows([_cell(each) for each in row] for row in [header, *rows])
    return "".join(lines.found)


def text_of(cell: str) -> str:
    """Return the text that a cell was made of."""
    return cell[1:] if _GUARDED.match(cell) else cell


class _Lines:
    """Takes lines that end as CSV's own do, for only those make a writer quote a carriage return inside of a cell."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def write(self, line: str) -> None:
        self.found.append(line.removesuffix("\r\n") + "\n")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()

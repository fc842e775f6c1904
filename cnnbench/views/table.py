"""A table said once, shown as terminal text, HTML, Markdown, CSV and JSON.

People get what the columns write, rounded; CSV and JSON get the values themselves, every digit of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cnnbench.text import printable
from cnnbench.views.layout import aligned

R = TypeVar("R")
MANY = 25  # rows; a page shows more in a window of its own


@dataclass(frozen=True)
class Column(Generic[R]):
    """What a column has of a row, and how that is written.

    A column without a `title` is in files only, one without a `key` is shown only. Where a terminal is too narrow,
    columns that `fold` go on in the next line, and those with `least` are left out, the lowest first.
    """

    title: str
    value: Callable[[R], Any]
    write: Callable[[Any], str] = str
    key: str = ""
    left: bool = False
    least: int | None = None
    fold: bool = False
    link: Callable[[R], str | None] = lambda _: None
    tip: Callable[[R], str] = lambda _: ""

    def text(self, row: R) -> str:
        """Return what people read of a row, on one line."""
        return _line(self.write(self.value(row)))


@dataclass(frozen=True)
class Cell:
    """A cell of a page."""

    text: str
    left: bool
    link: str | None = None
    tip: str = ""


@dataclass(frozen=True)
class Table(Generic[R]):
    """Rows under the titles of columns; `mark` names what sets a row apart, such as "worst".

    One that is `whole` is what its page is about: also a long one stands there at its full length.
    """

    name: str
    columns: Sequence[Column[R]]
    rows: Sequence[R]
    mark: Callable[[R], str] = lambda _: ""
    whole: bool = False

    part = "table"

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def shown(self) -> list[Column[R]]:
        """The columns that people read."""
        return [column for column in self.columns if column.title or not column.key]

    @property
    def titled(self) -> bool:
        """Whether any column has a title."""
        return any(column.title for column in self.shown)

    @property
    def many(self) -> bool:
        """Whether a page shows it in a window of its own."""
        return len(self.rows) > MANY and not self.whole

    def texts(self) -> list[list[str]]:
        """Return the titles and what people read of every row."""
        return [[column.title for column in self.shown], *([c.text(row) for c in self.shown] for row in self.rows)]

    def text(self, room: int | None = None) -> str:
        """Return lines of columns for a terminal of `room` columns; None leaves nothing out."""
        numbered = list(enumerate(self.shown))
        least = sorted((column.least, at) for at, column in numbered if column.least is not None)
        return aligned(
            self.texts(),
            [at for at, column in numbered if not column.left],
            room,
            [at for _, at in least],
            [at for at, column in numbered if column.fold],
        )

    def markdown(self) -> str:
        """Return a table of GitHub's Markdown."""
        header, *rows = ([as_markdown(text) for text in row] for row in self.texts())
        ruler = ["---" if column.left else "---:" for column in self.shown]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, ruler, *rows))

    def cells(self) -> list[tuple[str, list[Cell]]]:
        """Return what a page shows of every row, and what sets the row apart."""
        return [(self.mark(row), [self._cell(column, row) for column in self.shown]) for row in self.rows]

    def csv(self) -> tuple[list[str], list[list[Any]]]:
        """Return header and rows of a CSV file, in full precision."""
        kept = [column for column in self.columns if column.key]
        return [column.key for column in kept], [[column.value(row) for column in kept] for row in self.rows]

    def json(self) -> list[dict[str, Any]]:
        """Return a mapping for every row, in full precision."""
        keys, rows = self.csv()
        return [dict(zip(keys, row, strict=True)) for row in rows]

    def _cell(self, column: Column[R], row: R) -> Cell:
        return Cell(column.text(row), column.left, column.link(row), column.tip(row))


def pairs(name: str, found: Sequence[tuple[str, str]]) -> Table[tuple[str, str]]:
    """Return a table of what and value, without titles."""
    what: Column[tuple[str, str]] = Column("", lambda row: row[0], left=True)
    return Table(name, (what, Column("", lambda row: row[1], left=True)), found)


def as_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return "".join(f"\\{c}" if c in "\\|`*_<>[]#" else c for c in _line(text))


def _line(text: str) -> str:
    return printable(text).replace("\n", "�")

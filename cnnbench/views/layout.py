"""Text that fits where it is shown: lines leave out what matters least, tables leave out columns and fold long cells.

`room` is the columns of a terminal. It is None where there is none: then nothing is left out, and a row is a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cnnbench.text import width

GAP = "  "
NARROWEST = 20  # columns that a cell is folded to before columns are left out
_AFTER_BLANKS = re.compile(r"(?<=\s)(?=\S)")
_IN_A_WORD = re.compile(r"(?<=[/_,=])(?=[^/_,=])|(?<=[^\W\d_]{2}-)(?=\w)")

Rows = Sequence[Sequence[str]]


class Line:
    """A line that is written again and again; `least` names the parts that it leaves out first.

    It makes room for the widest each part has been, so that a part does not come and go with a digit.
    """

    def __init__(self, *least: str) -> None:
        self._least = least
        self._widest: dict[str, int] = {}

    def of(self, parts: Mapping[str, str], room: int | None) -> str:
        """Return the parts that there is room for, in their order; empty ones are none."""
        kept = {name: text for name, text in parts.items() if text}
        self._widest |= {name: max(width(text), self._widest.get(name, 0)) for name, text in kept.items()}
        for name in self._least:
            if room is None or _total(self._widest[part] for part in kept) <= room:
                break
            kept.pop(name, None)
        return GAP.join(kept.values())


def aligned(
    rows: Rows,
    right: Sequence[int] = (1, 2, 3, 4),
    room: int | None = None,
    least: Sequence[int] = (),
    fold: Sequence[int] = (),
) -> str:
    """Return rows as lines of columns as wide as their longest cell, those in `right` flush right.

    Where they do not fit into `room`, the columns in `fold` go on in the next line, between words, and where that is
    not enough, columns are left out in the order of `least`.
    """
    return "".join(line for lines in row_lines(rows, right, room, least, fold) for line in lines)


def row_lines(
    rows: Rows, right: Sequence[int], room: int | None, least: Sequence[int], fold: Sequence[int]
) -> list[list[str]]:
    """Return the lines of each row, as `aligned` joins them."""
    kept = _kept(rows, room, least, fold)
    chosen = [[row[i] for i in kept] for row in rows]
    limits = _limits(chosen, room, [at for at, i in enumerate(kept) if i in fold])
    to_the_right = [i in right for i in kept]
    return [[_line(cells, limits, to_the_right) for cells in _folded_row(row, limits)] for row in chosen]


def titled(rows: Rows, path: str, room: int | None) -> str:
    """Return a line per title and text, texts folded, and last the path of the report, whole, to be copied."""
    wide = max(width(title) for title, _ in rows)
    return f"{aligned(rows, (), room, fold=(1,))}{'report':<{wide}}{GAP}{path}\n"


def folded(text: str, room: int) -> list[str]:
    """Return the lines of a text that goes on in the next one after a blank, in a longer word after a sign in it.

    A piece that is longer still stands alone.
    """
    if width(text) <= room:
        return [text]
    lines = [""]
    for piece in _pieces(text, room):
        if lines[-1] and width((lines[-1] + piece).rstrip()) > room:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _pieces(text: str, room: int) -> Iterator[str]:
    for word in _AFTER_BLANKS.split(text):
        yield from [word] if width(word.rstrip()) <= room else _IN_A_WORD.split(word)


def _kept(rows: Rows, room: int | None, least: Sequence[int], fold: Sequence[int]) -> list[int]:
    """Return the columns that there is room for."""
    narrow = dict(enumerate(_narrowest(rows, fold)))
    for i in least:
        if room is None or _total(narrow.values()) <= room:
            break
        del narrow[i]
    return list(narrow)


def _limits(rows: Rows, room: int | None, fold: Sequence[int]) -> list[int]:
    """Return the width of every column, those that are folded narrowed, the widest first."""
    limits, least = _widths(rows), _narrowest(rows, fold)
    while room is not None and _total(limits) > room and limits != least:
        limits[max((i for i in fold if limits[i] > least[i]), key=lambda i: limits[i])] -= 1
    return limits


def _narrowest(rows: Rows, fold: Sequence[int]) -> list[int]:
    """Return the least width of every column: where it is folded, that of what cannot be."""
    return [
        min(wide, max(NARROWEST, *(width(piece.rstrip()) for row in rows for piece in _pieces(row[i], NARROWEST))))
        if i in fold
        else wide
        for i, wide in enumerate(_widths(rows))
    ]


def _folded_row(row: Sequence[str], limits: Sequence[int]) -> Iterator[list[str]]:
    columns = [folded(cell, limit) for cell, limit in zip(row, limits, strict=True)]
    for i in range(max(map(len, columns), default=1)):
        yield [lines[i] if i < len(lines) else "" for lines in columns]


def _line(cells: Sequence[str], limits: Sequence[int], to_the_right: Sequence[bool]) -> str:
    padded = []
    for cell, limit, right in zip(cells, limits, to_the_right, strict=True):
        pad = " " * max(0, limit - width(cell))
        padded.append(pad + cell if right else cell + pad)
    return GAP.join(padded).rstrip() + "\n"


def _widths(rows: Rows) -> list[int]:
    return [max(map(width, column)) for column in zip(*rows, strict=True)]


def _total(widths: Iterable[int]) -> int:
    found = list(widths)
    return sum(found) + len(GAP) * max(0, len(found) - 1)

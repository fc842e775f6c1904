"""How values and names are written for people: one rule for numbers, one for names from data sets.

Numbers are cut, never rounded, so that a value below a threshold is never shown as having reached it: an accuracy
of 0.98996 reads 98.99 %. What is better when lower is given in significant digits, so that cutting hides nothing.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from math import isfinite
from unicodedata import combining, east_asian_width

NOTHING = "–"


def cut(value: float | None, decimals: int = 4) -> str:
    """Return `value` with so many decimals, cut towards zero; a dash for None, NaN and infinity.

    The shortest decimal number that reads back as `value` is cut, so that 0.29 does not become 0.2899.
    """
    return NOTHING if value is None or not isfinite(value) else _cut(_decimal(value), decimals)


def shortest(value: float) -> float:
    """Return the shortest decimal number that is the same single-precision number, where `value` is one.

    Keras keeps an epoch's accuracy in single precision: 0.285 comes as 0.2849999964 and would be cut to 28.49 %.
    """
    import numpy as np

    single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def significant(value: float | None, digits: int = 4) -> str:
    """Return `value` cut to so many significant digits, never in fewer than one decimal."""
    if not value or not isfinite(value):
        return cut(value, digits)
    return cut(value, max(1, digits - 1 - _decimal(value).adjusted()))


def plain(value: float | None) -> str:
    """Return a setting such as a learning rate as short as it can be told: 0.001, 3e-05."""
    return NOTHING if value is None or not isfinite(value) else f"{value:.6g}"


def percent(share: float | None, decimals: int = 2, sign: str = " %") -> str:
    """Return a share of 1 in per cent, cut: 0.98996 reads 98.99 %."""
    if share is None or not isfinite(share):
        return NOTHING
    return f"{_cut(_decimal(share) * 100, decimals)}{sign}"


def count(value: float | None) -> str:
    """Return a whole number with thousands separated: 61,706."""
    return cut(value, 0)


def duration(seconds: float | None) -> str:
    """Return a time span in the two largest units: 8.3 s, 4 min 20 s, 2 h 5 min."""
    if seconds is None or not isfinite(seconds):
        return NOTHING
    if seconds < 60:
        return f"{cut(seconds, 1)} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count_of_bytes: float) -> str:
    """Return a number of bytes in the largest fitting unit of 1000: 1.4 MB."""
    value, units = float(count_of_bytes), ["kB", "MB", "GB"]
    if value < 1000:
        return f"{cut(value, 0)} B"
    while value >= 1000 and units:
        value, unit = value / 1000, units.pop(0)
    return f"{cut(value, 1)} {unit}"


def printable(text: str) -> str:
    """Return `text` with control, direction and other invisible characters replaced by �; line ends are kept."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def label(name: str, limit: int = 24) -> str:
    """Return a name as one printable line of at most `limit` characters, the middle left out."""
    line = printable(name).replace("\n", "�")
    if len(line) <= limit:
        return line
    tail = (limit - 1) // 3
    return f"{line[: limit - 1 - tail]}…{line[len(line) - tail :]}"


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _cut(value: Decimal, decimals: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN):,f}"

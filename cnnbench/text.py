"""How values and names are written for people: one rule for numbers, one for names from data sets.

Numbers are rounded to nearest, as every other tool rounds them. One exception: a share that is not all is never
shown as all (999,999 of 1,000,000 reads 99.99 %), and one that is not nothing never as nothing.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from unicodedata import combining, east_asian_width

NOTHING = "–"
TINY = 1e-4  # below it zeros are counted faster as a power of ten


def fixed(value: float | None, decimals: int = 4) -> str:
    """Return `value` rounded to so many decimals; a dash for None, NaN and infinity."""
    if value is None or not isfinite(value):
        return NOTHING
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not float(text.replace(",", "")) else text


def share(value: float | None, decimals: int = 4) -> str:
    """Return a share of 1 rounded to so many decimals: 0.98996 reads 0.9900, 0.99999 reads 0.9999."""
    return NOTHING if value is None or not isfinite(value) else _of_whole(value, 1, decimals)


def percent(value: float | None, decimals: int = 2, sign: str = " %") -> str:
    """Return a share of 1 in per cent, rounded: 0.98996 reads 99.00 %, 0.99999 reads 99.99 %."""
    return NOTHING if value is None or not isfinite(value) else f"{_of_whole(value, 100, decimals)}{sign}"


def points(share: float | None, decimals: int = 2) -> str:
    """Return a difference of shares in percentage points with its sign: +0.81, −0.04, 0.00."""
    if share is None:
        return NOTHING
    text = fixed(abs(share) * 100, decimals)
    return text if not float(text.replace(",", "")) else f"{'+' if share > 0 else '−'}{text}"


def p_value(p: float | None) -> str:
    """Return a p-value in three significant digits."""
    if p is None:
        return NOTHING
    if p < 0.0001:
        return "< 0.0001"
    return "1" if p > 1 - 1e-9 else significant(p, 3)


def significant(value: float | None, digits: int = 4) -> str:
    """Return `value` rounded to so many significant digits, never in fewer than one decimal; tiny ones as 2.220e-16."""
    if not value or not isfinite(value):
        return fixed(value, digits)
    if abs(value) < TINY:
        return f"{value:.{digits - 1}e}"
    rounded = float(f"{value:.{digits - 1}e}")  # 0.09996 has one digit more before it is rounded than after
    return fixed(value, max(1, digits - 1 - floor(log10(abs(rounded)))))


def plain(value: float | None) -> str:
    """Return a setting such as a learning rate as short as it can be told: 0.001, 3e-05."""
    return NOTHING if value is None or not isfinite(value) else f"{value:.6g}"


def count(value: float | None) -> str:
    """Return a whole number with thousands separated: 61,706."""
    return fixed(value, 0)


def duration(seconds: float | None) -> str:
    """Return a time span in the two largest units: 8.3 s, 4 min 20 s, 2 h 5 min."""
    if seconds is None or not isfinite(seconds):
        return NOTHING
    if round(seconds, 1) < 60:
        return f"{fixed(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"


def in_unit(value: float | None, unit: str) -> str:
    """Return a measured value as its unit is written: share, seconds, count, nats, or plain significant digits."""
    if unit == "share":
        return percent(value)
    if unit == "seconds":
        return duration(value)
    if unit == "count" and value is not None and float(value).is_integer():
        return count(value)
    written = significant(value)
    return f"{written} nats" if unit == "nats" and written != NOTHING else written


def size(count_of_bytes: float) -> str:
    """Return a number of bytes in the largest fitting unit of 1000: 1.4 MB."""
    value, units = float(count_of_bytes), ["kB", "MB", "GB"]
    if value < 1000:
        return f"{fixed(value, 0)} B"
    while round(value, 1) >= 1000 and units:
        value, unit = value / 1000, units.pop(0)
    return f"{fixed(value, 1)} {unit}"


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


def _of_whole(value: float, whole: int, decimals: int) -> str:
    """Return `value` of 1 as a part of `whole`; only all of it reads as all, only nothing as nothing."""
    step = 10.0**-decimals
    part = value * whole
    if 0 < value < 1:
        part = min(max(part, step), whole - step)
    return fixed(part, decimals)

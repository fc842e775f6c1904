"""Which installed fonts have the letters of a text; matplotlib's own knows Latin, Greek, Cyrillic and a few more."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

OWN = "DejaVu Sans"  # comes with matplotlib


def fonts_for(text: str) -> tuple[list[str], str]:
    """Return the font families that `text` takes, matplotlib's own first, and the letters that no installed one has."""
    wanted = {ord(c) for c in text if not c.isspace()} - _letters_of(OWN)
    families = [OWN]
    for family in _others() if wanted else ():
        if found := wanted & _letters_of(family):
            families.append(family)
            wanted -= found
        if not wanted:
            break
    return families, "".join(map(chr, sorted(wanted)))


def scripts(letters: str) -> str:
    """Return which scripts letters are of, by their Unicode names: "Hiragana, CJK letters (\\u304b ...)"."""
    names = dict.fromkeys(unicodedata.name(letter, "unnamed").split()[0].split("-")[0] for letter in letters)
    shown = ", ".join(name if name == "CJK" else name.capitalize() for name in names)
    return f"{shown} letters (U+{ord(letters[0]):04X}{', ...' if len(letters) > 1 else ''})"


def _others() -> Iterator[str]:
    """Yield the other installed families, those for many scripts first; coloured ones cannot be drawn."""
    from matplotlib import font_manager

    names = {entry.name for entry in font_manager.fontManager.ttflist} - {OWN}
    drawn = (name for name in names if "Emoji" not in name)
    return iter(sorted(drawn, key=lambda name: (not name.startswith("Noto Sans"), name)))


@cache
def _letters_of(family: str) -> frozenset[int]:
    from matplotlib import font_manager

    try:
        path = font_manager.findfont(family, fallback_to_default=False)
        return frozenset(font_manager.get_font(path).get_charmap())
    except (OSError, ValueError, RuntimeError):  # removed since matplotlib listed it, or of a kind it does not draw
        return frozenset()

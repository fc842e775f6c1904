"""What a filter says, parsed by hand and never evaluated as code:

    filter     = both { "or" both }
    both       = one { "and" one }
    one        = "not" one | "(" filter ")" | comparison
    comparison = field [ ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value ]

A value is a word or a quoted text; a field alone asks for a flag, such as `smoke`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnbench.listing.words import Word, mistake, words

DEEPEST = 50
JOINING = {"and", "or", "not"}
_LIKE_A_NUMBER = re.compile(r"[-+]?[0-9.]+%?")


@dataclass(frozen=True)
class Comparison:
    """A field compared with a value; `value` is None where the field stands alone."""

    field: Word
    operator: str
    value: Word | None


@dataclass(frozen=True)
class Not:
    """The opposite of a part."""

    part: Filter


@dataclass(frozen=True)
class All:
    """Every part."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Either:
    """At least one part."""

    parts: tuple[Filter, ...]


Filter = Comparison | Not | All | Either


def parse(text: str) -> Filter:
    """Return what a filter says; raises ConfigError that names the place of the first mistake."""
    parser = _Parser(text, words(text))
    found = parser.either(0)
    if parser.now().kind != "end":
        raise parser.unexpected("and, or, or the end")
    return found


def comparisons(part: Filter) -> Iterator[Comparison]:
    """Yield every comparison in a filter."""
    if isinstance(part, Comparison):
        yield part
    else:
        for inner in (part.part,) if isinstance(part, Not) else part.parts:
            yield from comparisons(inner)


class _Parser:
    """A recursive descent, one method per rule of the grammar."""

    def __init__(self, text: str, found: Sequence[Word]) -> None:
        self._text, self._words, self._at = text, found, 0

    def now(self) -> Word:
        return self._words[self._at]

    def unexpected(self, wanted: str) -> Exception:
        return mistake(self._text, self.now().at, f"expected {wanted}, found {self.now().shown}")

    def either(self, depth: int) -> Filter:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self, depth: int) -> Filter:
        parts = [self._one(depth)]
        while self._takes("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise mistake(self._text, self.now().at, f"nested more than {DEEPEST} deep")
        if self._takes("not"):
            return Not(self._one(depth + 1))
        if self.now().kind == "(":
            return self._bracket(depth)
        return self._comparison()

    def _bracket(self, depth: int) -> Filter:
        opened = self._next()
        inside = self.either(depth + 1)
        if self.now().kind != ")":
            raise self.unexpected(f"and, or, or the ) of character {opened.at + 1}")
        self._next()
        return inside

    def _comparison(self) -> Comparison:
        if self.now().kind != "word" or self._joins():
            raise self.unexpected("a field")
        if _LIKE_A_NUMBER.fullmatch(self.now().text):
            raise self.unexpected("a field, as in accuracy>0.9")
        field = self._next()
        if self.now().kind != "operator":
            return Comparison(field, "=", None)
        operator = self._next()
        if self.now().kind not in ("word", "quoted") or self._joins():
            raise self.unexpected("a value")
        return Comparison(field, operator.text, self._next())

    def _joins(self) -> bool:
        return self.now().kind == "word" and self.now().text.lower() in JOINING

    def _takes(self, word: str) -> bool:
        """Go past a joining word where it is the next one."""
        if self.now().kind != "word" or self.now().text.lower() != word:
            return False
        self._next()
        return True

    def _next(self) -> Word:
        word = self.now()
        self._at += 1
        return word

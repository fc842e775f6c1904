"""The words of a filter, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cnnbench.errors import ConfigError

Kind = Literal["word", "quoted", "operator", "(", ")", "end"]
_WORD = re.compile(r"""[^\s()=<>!"']+""")
_OPERATOR = re.compile(r"==|!=|<=|>=|=|<|>")


@dataclass(frozen=True)
class Word:
    """A word of `kind`; `at` counts characters from 0, and a quoted text is without its quotes."""

    kind: Kind
    text: str
    at: int

    @property
    def shown(self) -> str:
        """How an error names it."""
        return "the end" if self.kind == "end" else repr(self.text)


def mistake(text: str, at: int, message: str) -> ConfigError:
    """Return the error that says what is wrong with a filter, and where."""
    return ConfigError(f"--where {text!r}: character {at + 1}: {message}")


def words(text: str) -> list[Word]:
    """Return the words of a filter, closed by one of kind "end"; raises ConfigError."""
    found: list[Word] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word, at = _word(text, at)
        found.append(word)
    return [*found, Word("end", "", len(text))]


def _word(text: str, at: int) -> tuple[Word, int]:
    """Return the word that begins at `at`, and where the next may begin."""
    first = text[at]
    if first == "(":
        return Word("(", first, at), at + 1
    if first == ")":
        return Word(")", first, at), at + 1
    if first in "\"'":
        end = text.find(first, at + 1)
        if end < 0:
            raise mistake(text, at, f"a text that begins with {first} and does not end")
        return Word("quoted", text[at + 1 : end], at), end + 1
    if operator := _OPERATOR.match(text, at):
        return Word("operator", "=" if operator.group() == "==" else operator.group(), at), operator.end()
    if word := _WORD.match(text, at):
        return Word("word", word.group(), at), word.end()
    raise mistake(text, at, f"{first!r} means nothing; expected !=")

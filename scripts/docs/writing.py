"""Markdown of the generated pages: tables, code, text that must not be taken for anything else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown and have no line breaks."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def plain(text: str) -> str:
    """Return words as they are, without what Markdown or a browser would see in them."""
    for sign in "\\`*_[]":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Return text as code in a line."""
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


def value(found: Any) -> str:
    """Return a value as a YAML file has it."""
    return code(json.dumps(found, ensure_ascii=False))


def fenced(text: str, language: str) -> str:
    """Return a block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"

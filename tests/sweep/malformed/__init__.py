"""Wrong sweep files: each with the lines that tell its mistakes, as `line: key.path: message`."""

from __future__ import annotations

from tests.sweep.malformed import keys, spaces

WRONG = [*keys.KEYS, *spaces.SPACES]

"""Where words go: one JSON document or human text on standard output, everything else on standard error."""

from __future__ import annotations

import json as json_module
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def console(json: bool = False, quiet: bool = False) -> Console:
    """Return the console for human text: standard error with `--json`, nowhere with `--quiet`.

    When the reader of the text goes away, as `| head` does, the command goes on: training is worth more than its lines.
    """
    from rich.console import Console

    class LastingConsole(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    is_terminal = (sys.stderr if json else sys.stdout).isatty()
    return LastingConsole(
        stderr=json,
        quiet=quiet,
        highlight=False,
        force_terminal=is_terminal,  # also against FORCE_COLOR, which would put a live bar into a file
        soft_wrap=not is_terminal,
    )


def room(console: Console) -> int | None:
    """Return how many columns a line may have, None away from a terminal, where a line is as long as it is."""
    return console.width if console.is_terminal else None


def emit(value: Any) -> None:
    """Print the one JSON document of `--json`."""
    readable = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    sys.stdout.write(json_module.dumps(value, indent=2, ensure_ascii=not readable, default=str) + "\n")


def complain(*problems: str) -> None:
    """Print one line per problem on standard error, whatever a file name in it holds."""
    from cnnbench.report.text import printable

    for problem in problems:
        sys.stderr.write(f"error: {' '.join(printable(problem).splitlines())}\n")


def escape_what_cannot_be_written() -> None:
    """Let a character that standard output cannot encode appear as its escape, as standard error does it."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")

"""Where words go: one JSON document or human text on standard output, everything else on standard error."""

from __future__ import annotations

import json as json_module
import sys
from typing import TYPE_CHECKING, Any

from cnnbench.machine.standard_streams import refuse_lost_output
from cnnbench.text import printable
from cnnbench.views.console import console_on

if TYPE_CHECKING:
    from rich.console import Console


def console(json: bool = False, quiet: bool = False) -> Console:
    """Return the console for human text: standard error with `--json`, nowhere with `--quiet`."""
    return console_on(is_terminal=(sys.stderr if json else sys.stdout).isatty(), stderr=json, quiet=quiet)


def room(console: Console) -> int | None:
    """Return how many columns a line may have, None away from a terminal, where a line is as long as it is."""
    return console.width if console.is_terminal else None


def say(text: str) -> None:
    """Print whole lines of human text as they are, but for what would steer the terminal."""
    console().print(text, end="", markup=False, emoji=False, soft_wrap=True)


def hand_over(text: str) -> None:
    """Print what a program reads, names as they are; a terminal gets it harmless. Raises OutputError as `emit` does."""
    if sys.stdout.isatty():
        say(text)
    else:
        sys.stdout.write(text)
    refuse_lost_output()


def emit(value: Any) -> None:
    """Print the one JSON document of `--json`; raises OutputError where it cannot be written whole."""
    readable = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    text = json_module.dumps(value, indent=2, ensure_ascii=not readable, default=str)
    sys.stdout.write("".join(c if c.isprintable() or c == "\n" else json_module.dumps(c)[1:-1] for c in text) + "\n")
    refuse_lost_output()


def one_line(text: str) -> str:
    """Return a text that comes from outside as one line of what can be printed."""
    return " ".join(printable(text).splitlines())


def complain(*problems: str) -> None:
    """Print one line per problem on standard error, whatever a file name in it holds."""
    for problem in problems:
        sys.stderr.write(f"error: {one_line(problem)}\n")

"""Where words go: one JSON document or human text on standard output, everything else on standard error."""

from __future__ import annotations

import json as json_module
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def console(json: bool = False, quiet: bool = False) -> Console:
    """Return the console for human text: standard error with `--json`, nowhere with `--quiet`."""
    from rich.console import Console

    return Console(stderr=json, quiet=quiet, highlight=False, soft_wrap=not sys.stdout.isatty())


def emit(value: Any) -> None:
    """Print the one JSON document of `--json`."""
    sys.stdout.write(json_module.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def complain(message: str) -> None:
    """Print one line per problem on standard error."""
    for line in message.splitlines() or [message]:
        sys.stderr.write(f"error: {line}\n")

"""The terminal that people read on, which no text that is printed can steer, wherever it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnbench.text import printable

if TYPE_CHECKING:
    from rich.console import Console


def console_on(*, is_terminal: bool, **where: Any) -> Console:
    """Return rich's console of these arguments: colours on a terminal, plain lines of any length elsewhere."""
    from rich.console import Console

    class HarmlessConsole(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            super().print(*(printable(o) if isinstance(o, str) else o for o in objects), **options)

    return HarmlessConsole(
        highlight=False,
        force_terminal=is_terminal,  # also against FORCE_COLOR, which would put a live bar into a file
        soft_wrap=not is_terminal,
        **where,
    )

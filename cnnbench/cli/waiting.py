"""What a command is doing and since when, on standard error, while it has nothing else to say."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self


class Waiting:
    """A spinner on a terminal, nothing elsewhere; called with what begins now. It is gone when the block ends."""

    def __init__(self, quiet: bool = False) -> None:
        self._wanted = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._stack = ExitStack()
        self._show: Callable[[str], None] = lambda text: None

    def __call__(self, text: str) -> None:
        """Show what is being done from now on."""
        self._show(text)

    def __enter__(self) -> Self:
        """Start the spinner."""
        if self._wanted:
            self._show = _spinner(self._stack)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _spinner(stack: ExitStack) -> Callable[[str], None]:
    """Start a spinner that the stack ends and return what tells it what is done; seconds count from there."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    # A terminal of its own: file descriptor 2 is held back while Keras is imported, which takes longest of all.
    terminal = stack.enter_context(os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding))
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    console = Console(file=terminal, highlight=False)
    progress = Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False, refresh_per_second=5
    )
    stack.enter_context(progress)
    task = progress.add_task("", total=None)

    def show(text: str) -> None:
        progress.reset(task, description=text, total=None)

    return show

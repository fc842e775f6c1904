"""How far a training is, for who starts one from Python: a live bar on a terminal, one line in a notebook."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cnnbench.experiment.progress import EPOCH_LEAST, Screen, epoch_parts
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer, Progress, Silent
from cnnbench.views.console import console_on
from cnnbench.views.layout import Line

NOTEBOOK = 100  # columns of the line; longer ones would be wrapped and not be one line any more


@contextmanager
def watching(wanted: bool) -> Iterator[Observer]:
    """Yield what shows a training on standard error where somebody looks at it, else what shows nothing."""
    if not wanted or sys.stderr is None:
        yield Silent()
    elif _in_a_notebook():
        line = NotebookLine()
        try:
            yield line
        finally:
            line.end()
    elif sys.stderr.isatty():
        # A terminal of its own: file descriptor 2 is held back while Keras is imported, which takes longest of all.
        with (
            os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding) as terminal,
            Screen(console_on(is_terminal=True, file=terminal)) as screen,
        ):
            yield screen
    else:
        yield Silent()


class NotebookLine(Silent):
    """One line that is written over, by the carriage return that every notebook knows.

    A notebook keeps every change of it: steps are not shown, and what is worth a note is in the result.
    """

    def __init__(self) -> None:
        self._epochs, self._shown = Line(*EPOCH_LEAST), 0

    def on_stage(self, text: str) -> None:
        """Show what is going on."""
        self._show(text)

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Show the epoch's numbers."""
        self._show(self._epochs.of(epoch_parts(progress, row), NOTEBOOK))

    def end(self) -> None:
        """Take the line away; the result that is shown next says more."""
        self._show("")
        sys.stderr.write("\r")

    def _show(self, text: str) -> None:
        line = " ".join(text.splitlines())[:NOTEBOOK]
        sys.stderr.write(f"\r{line:<{self._shown}}")
        sys.stderr.flush()
        self._shown = len(line)


def _in_a_notebook() -> bool:
    """Return whether this process is a notebook's kernel, without importing what notebooks are made of."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None

"""Standard streams that take every word: what a command says is worth less than what it does."""

from __future__ import annotations

import os
import select
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO

from cnnbench.errors import OutputError


class LastingFile(FileIO):
    """A descriptor to write to; once that has failed, what is written goes nowhere. `failure` is why."""

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write some bytes, or none of them where the disk is full, the terminal closed, the reader gone."""
        written = None
        while self.failure is None and written is None:
            try:
                written = super().write(data)
                if written is None:  # whoever shares it has made it non-blocking, and its reader is slow
                    select.select([], [self], [])
            except OSError as e:
                self.failure = e
        return memoryview(data).nbytes if written is None else written


def make_standard_streams_last() -> None:
    """Let standard output and error outlast a full disk, a closed terminal, a reader that goes, and being missing.

    A character that they cannot encode appears as its escape. Streams of a test or a notebook are left as they are.
    """
    _fill_gaps()
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        sys.stdout = lasting(1, sys.stdout)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = lasting(2, sys.stderr)


def lasting(descriptor: int, like: TextIO | None) -> TextIO:
    """Return a stream that writes to `descriptor` as `like` did; None is a stream that is missing."""
    raw = LastingFile(descriptor, "w", closefd=False)
    encoding = "utf-8" if like is None else like.encoding
    by_line = raw.isatty() or bool(getattr(like, "line_buffering", False))
    return TextIOWrapper(BufferedWriter(raw), encoding=encoding, errors="backslashreplace", line_buffering=by_line)


def refuse_lost_output() -> None:
    """Raise OutputError where not all of standard output could be written; not so where its reader went away."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, LastingFile) else None
    if failure is not None and not isinstance(failure, BrokenPipeError):
        raise OutputError(f"standard output: cannot be written ({failure.strerror})")


def _fill_gaps() -> None:
    """Open nothing in the place of a missing stream: the next file opened would take its number, and its words."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number: this one

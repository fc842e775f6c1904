"""The command line in this process, on a terminal of so many columns."""

from __future__ import annotations

import os
import pty
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest

from cnnbench.cli import main

WIDTHS = (60, 80, 120, 200)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UP, CLEAR = "\x1b[1A", "\x1b[2K"


@contextmanager
def terminal(columns: int) -> Iterator[list[str]]:
    """Let standard output and standard error be a terminal; what it was sent is in the list afterwards."""
    ours, theirs = pty.openpty()
    seen: list[str] = []
    reader = threading.Thread(target=_read, args=(ours, seen))
    reader.start()
    environment = {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    with (
        os.fdopen(theirs, "w", encoding="utf-8") as screen,
        patch.dict(os.environ, environment),
        redirect_stdout(screen),
        redirect_stderr(screen),
    ):
        yield seen
    reader.join()
    os.close(ours)


def _read(file: int, seen: list[str]) -> None:
    written = b""
    while True:
        try:
            part = os.read(file, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        written += part
    seen.append(written.decode())


def on_terminal(columns: int, *arguments: object) -> list[str]:
    """Run `cnnbench` with these arguments, to exit code 0; return the lines that it leaves on the screen."""
    command = patch.object(sys, "argv", ["cnnbench", *map(str, arguments)])
    with terminal(columns) as seen, command, pytest.raises(SystemExit) as ended:
        main.main()
    assert not ended.value.code, seen
    return screen(seen[0])


def screen(written: str) -> list[str]:
    """Return the lines a terminal shows in the end: the little of one that is needed here."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", written):
        if part == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif part == "\r":
            column = 0
        elif part == UP:
            row -= 1
        elif part == CLEAR:
            lines[row] = ""
        elif not part.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines if line.strip()]

"""The command line in this process, on a terminal of so many columns."""

from __future__ import annotations

import os
import pty
import re
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest

from cnnbench.cli import main

WIDTHS = (60, 80, 120, 200)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@contextmanager
def terminal(columns: int) -> Iterator[list[str]]:
    """Let standard output and standard error be a terminal; what it was sent is in the list afterwards."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
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
    """Run `cnnbench` with these arguments, to exit code 0; return the lines it has written, without escapes."""
    command = patch.object(sys, "argv", ["cnnbench", *map(str, arguments)])
    with terminal(columns) as seen, command, pytest.raises(SystemExit) as ended:
        main.main()
    assert not ended.value.code, seen
    return ESCAPES.sub("", seen[0]).splitlines()

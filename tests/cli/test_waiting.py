"""Nothing is silent for long on a terminal, and nothing of that is seen elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from tests.report.command import cnnbench
from tests.tools import ROOT

IMAGE = str(ROOT / "docs" / "report.png")


@contextmanager
def terminal() -> Iterator[tuple[int, bytearray]]:
    """Yield a terminal's file descriptor and what was written to it, complete when the block has ended."""
    ours, theirs = pty.openpty()
    seen = bytearray()
    reader = threading.Thread(target=_read, args=(ours, seen), daemon=True)
    reader.start()
    try:
        yield theirs, seen
    finally:
        os.close(theirs)
        reader.join(timeout=10)
        os.close(ours)


def _read(descriptor: int, seen: bytearray) -> None:
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while block := os.read(descriptor, 1 << 16):
            seen.extend(block)


@pytest.mark.parametrize(
    ("arguments", "stages"),
    [
        (["evaluate", "{run}"], ["reading digits", "starting Keras", "loading the model", "measuring 180 images"]),
        (["predict", "{run}", IMAGE], ["starting Keras", "loading the model", "classifying 1 images"]),
        (["report", "{run}"], ["drawing the report"]),
        (["compare", "{run}", "{run}"], ["comparing the runs"]),
        (["inspect", "lenet5"], ["starting Keras", "building the network"]),
        (["data", "check", "digits"], ["reading every image of digits"]),
        (["data", "preview", "lenet5-digits", "--output", "{new}/p.png"], ["augmenting and drawing"]),
        (["doctor"], ["starting Keras", "measuring the precisions"]),
        (["smoke", "nosuch"], ["trying nosuch"]),
    ],
    ids=lambda value: " ".join(value[:2]) if value[0] == "data" else value[0],
)
def test_what_is_being_done_is_on_the_terminal(
    arguments: list[str], stages: list[str], digits_run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [a.replace("{run}", str(digits_run.path)).replace("{new}", str(tmp_path)) for a in arguments]
    with terminal() as (descriptor, seen):
        stream = os.fdopen(os.dup(descriptor), "w", encoding="utf-8")
        # What the helper of the tests redirects is the text of errors; the terminal is what is asked for here.
        monkeypatch.setattr("tests.report.command.redirect_stderr", lambda _: redirect_stderr(stream))
        _, out, _ = cnnbench(*given)
        stream.close()
    shown = seen.decode()
    for stage in stages:
        assert stage in shown
    assert "0:00:0" in shown, "since when"
    assert "\x1b" not in out


def test_it_is_seen_while_keras_is_imported() -> None:
    code = (
        "import time\n"
        "from cnnbench.cli.waiting import Waiting\n"
        "from cnnbench.machine.runtime import silenced_stderr\n"
        "with Waiting() as show, silenced_stderr():\n"
        "    show('importing')\n"
        "    time.sleep(0.5)\n"
    )
    with terminal() as (descriptor, seen):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=descriptor, check=True)
    assert b"importing" in seen


@pytest.mark.parametrize("arguments", [["evaluate", "{run}", "--quiet"], ["data", "check", "digits", "--quiet"]])
def test_quiet_is_silent_on_a_terminal(
    arguments: list[str], digits_run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with terminal() as (descriptor, seen):
        stream = os.fdopen(os.dup(descriptor), "w", encoding="utf-8")
        monkeypatch.setattr("tests.report.command.redirect_stderr", lambda _: redirect_stderr(stream))
        cnnbench(*(a.replace("{run}", str(digits_run.path)) for a in arguments))
        stream.close()
    assert seen == b""

"""A training on a real terminal: a live line that goes away and one line per epoch that stays."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnbench.cli.progress import clock, epoch_line, step_text
from cnnbench.training.observer import Progress
from tests.tools import tiny, write_config

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UP, CLEAR = "\x1b[1A", "\x1b[2K"
BANNERS = ("oneDNN", "WARNING", "Warning", "tensorflow", "TensorFlow", "CUDA", "absl", "I0000", "Traceback")


def on_a_terminal(*arguments: object, cwd: Path, act: Callable[[int, bytes], None] = lambda pid, seen: None) -> str:
    """Run `cnnbench` on a pseudo-terminal 200 columns wide; return all that was written to it, errors too."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("TF_CPP_MIN_LOG_LEVEL", "COLUMNS")}
    root = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnbench", *map(str, arguments)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": root, "TERM": "xterm-256color", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        written += part
        act(process.pid, written)
    os.close(ours)
    process.wait()
    return written.decode()


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


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("terminal")
    return on_a_terminal("train", write_config(folder, tiny(train__epochs=2)), cwd=folder)


def test_the_live_line_shows_where_the_training_is(written: str) -> None:
    live = ESCAPES.sub("", written)
    assert "starting Keras" in live and "drawing the report" in live
    number = r"[\d.e+-]+"
    shown = rf"epoch 1/2 ━+ step \d/5  loss {number}  accuracy {number}  lr {number}  \d+ images/s  left \d:\d\d"
    assert re.search(shown, live)


def test_one_line_per_epoch_and_the_result_stay(written: str) -> None:
    lines = screen(written)
    assert [line.split()[0] for line in lines] == [
        "epoch",
        "epoch",
        "test",
        "macro",
        "log",
        "worst",
        "weights",
        "ended",
        "report",
    ]
    assert lines[0].startswith("epoch 1/2  loss ") and lines[1].startswith("epoch 2/2  loss ")
    assert lines[-1].endswith("/report.html")


def test_nothing_else_is_printed(written: str) -> None:
    assert [word for word in BANNERS if word in written] == []


def test_the_cursor_is_there_again(written: str) -> None:
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") > -1


def test_ctrl_c_leaves_a_clean_screen(tmp_path: Path) -> None:
    sent: list[int] = []

    def interrupt(pid: int, seen: bytes) -> None:
        if b"epoch    1/9000  loss" in seen and not sent:
            sent.append(pid)
            os.kill(pid, signal.SIGINT)

    written = on_a_terminal("train", write_config(tmp_path, tiny(train__epochs=9000)), cwd=tmp_path, act=interrupt)
    lines = screen(written)
    assert sent and lines[0].startswith("epoch    1/9000  loss ")
    assert lines[-1].startswith("error: interrupted by SIGINT after ")
    assert all(line.startswith("epoch ") for line in lines[:-1])
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") > -1


def test_shares_are_cut_and_not_rounded() -> None:
    progress = Progress(3, 10, 5, 5, 0.1, 0.98996, 0.97999, 1e-3, 123.4, 61.0)
    row = {"loss": 0.1, "accuracy": 0.98996, "val_loss": 0.2, "val_accuracy": 0.99999}
    row |= {"learning_rate": 1e-3, "images_per_second": 123.4, "seconds": 2.5}
    assert "  accuracy 0.9899  val_accuracy 0.9799  " in step_text(progress)
    line = epoch_line(progress, row)
    assert line.startswith("epoch  3/10  loss 0.1000  accuracy 0.9899  val_loss 0.2000  val_accuracy 0.9999  ")
    assert line.endswith("  123 images/s  2.5 s  left 1:01")


def test_a_single_precision_share_is_the_number_it_stands_for() -> None:
    import numpy as np

    row = {
        "loss": 1.0,
        "accuracy": float(np.float32(0.285)),
        "learning_rate": 1.0,
        "images_per_second": 1,
        "seconds": 1,
    }
    progress = Progress(1, 1, 1, 1, 1.0, float(np.float32(0.285)), None, 1.0, 1, 0)
    assert "accuracy 0.2850" in epoch_line(progress, row) and "accuracy 0.2850" in step_text(progress)


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "?"), (0, "0:00"), (61, "1:01"), (3600, "1:00:00"), (59.6, "1:00")]
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text

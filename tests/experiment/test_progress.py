"""A training on a real terminal: a live line that goes away and one line per epoch that stays."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from cnnbench.cli.output import console
from cnnbench.experiment.progress import EPOCH_LEAST, STEP_LEAST, Screen, clock, epoch_parts, step_parts
from cnnbench.training.observer import Progress
from tests.terminal import ESCAPES, screen
from tests.tools import tiny, write_config

BANNERS = ("oneDNN", "WARNING", "Warning", "tensorflow/", "TensorFlow", "CUDA", "absl", "I0000", "Traceback")
SUMMARY = ["data", "network", "computed"]  # what is told before the first epoch


def on_a_terminal(*arguments: object, cwd: Path, act: Callable[[int, bytes], None] = lambda pid, seen: None) -> str:
    """Run `cnnbench` on a pseudo-terminal 200 columns wide; return all that was written to it, errors too."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("TF_CPP_MIN_LOG_LEVEL", "COLUMNS")}
    root = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnbench", *map(str, arguments)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": root, "TERM": "xterm-256color"},
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


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("terminal")
    return on_a_terminal("train", write_config(folder, tiny(train__epochs=2)), cwd=folder)


def test_the_live_line_shows_where_the_training_is(written: str) -> None:
    live = ESCAPES.sub("", written)
    assert "starting Keras" in live and "drawing the report" in live
    number = r"[\d.e+-]+"
    bar = "[━╸╺]+"  # in the middle of an epoch it ends with a half
    shown = rf"epoch 1/2 {bar} step \d/5  loss {number}  accuracy {number} %  lr {number}  \d+ images/s  left \d:\d\d"
    assert re.search(shown, live)


def test_one_line_per_epoch_and_the_result_stay(written: str) -> None:
    lines = screen(written)
    assert [line.split()[0] for line in lines] == [
        *SUMMARY,
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
    assert lines[3].startswith("epoch 1/2  loss ") and lines[4].startswith("epoch 2/2  loss ")
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
    assert sent and [line.split()[0] for line in lines[:3]] == SUMMARY
    assert lines[3].startswith("epoch    1/9000  loss ")
    assert lines[-1].startswith("error: interrupted by SIGINT after ")
    assert all(line.startswith("epoch ") for line in lines[3:-1])
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") > -1


def test_shares_are_rounded_and_only_all_reads_as_all() -> None:
    progress = Progress(3, 10, 5, 5, 0.1, 0.98996, 0.97999, 1e-3, 123.4, 61.0)
    row = {"loss": 0.1, "accuracy": 0.98996, "val_loss": 0.2, "val_accuracy": 0.99999}
    row |= {"learning_rate": 1e-3, "images_per_second": 123.4, "seconds": 2.5}
    step, epoch = step_parts(progress), epoch_parts(progress, row)
    assert (step["accuracy"], step["val_accuracy"]) == ("accuracy 99.00 %", "val_accuracy 98.00 %")
    assert (epoch["accuracy"], epoch["val_accuracy"]) == ("accuracy 99.00 %", "val_accuracy 99.99 %")


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
    assert epoch_parts(progress, row)["accuracy"] == step_parts(progress)["accuracy"] == "accuracy 28.50 %"


def epochs_on(console: Console, epochs: int = 20, steps: int = 1875) -> None:
    """Show a training whose numbers grow and shrink."""
    with Screen(console) as shown:
        for epoch in range(1, epochs + 1):
            loss = 12.3456 if epoch == 2 else 2.3456 / epoch
            for step in (1, steps):
                shown.on_step(Progress(epoch, epochs, step, steps, loss, 0.98765, 0.97654, 1e-3, 12345.6, 3723.0))
                if shown._bar is not None:
                    shown._bar.refresh()
            row = {"loss": loss, "accuracy": 0.98765, "val_loss": loss, "val_accuracy": 0.97654}
            row |= {"learning_rate": 1e-3, "images_per_second": 12345.6, "seconds": 12.34}
            shown.on_epoch(Progress(epoch, epochs, steps, steps, loss, 0.9, 0.9, 1e-3, 12345.6, 3723.0), row)


@pytest.mark.parametrize(
    ("columns", "epoch", "step"),
    [
        (60, "epoch loss val_accuracy seconds", "step left"),
        (80, "epoch loss accuracy val_accuracy seconds", "step loss left"),
        (120, "epoch loss accuracy val_loss val_accuracy lr images/s seconds", "step loss accuracy val_accuracy left"),
        (200, "epoch loss accuracy val_loss val_accuracy lr images/s seconds", "step loss accuracy lr images/s left"),
    ],
)
def test_an_epoch_is_one_line_and_the_bar_another_at_any_width(columns: int, epoch: str, step: str) -> None:
    written = io.StringIO()
    epochs_on(Console(file=written, force_terminal=True, width=columns))
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", ESCAPES.sub("", written.getvalue())) if line.strip()]
    assert max(map(len, lines)) <= columns and not any("…" in line for line in lines)
    stay = [line for line in lines if line.startswith("epoch") and "step" not in line]
    assert len(stay) == 20
    shape = r"epoch +\d+/20" + "".join(rf"  ({PART[name]})" for name in epoch.split()[1:])
    assert [line for line in stay[1:] if not re.fullmatch(shape, line)] == []
    bars = [line for line in lines if "step" in line]
    assert bars and all(re.search(PART[name], line) for line in bars[3:] for name in step.split())
    assert not any("left" in line for line in stay), "an epoch that has ended has no time left"


NUMBER = r"[\d.e+-]+"
PART = {name: rf"{name} {NUMBER}" for name in ("loss", "val_loss", "lr")}
PART |= {name: rf"{name} {NUMBER} %" for name in ("accuracy", "val_accuracy")}
PART |= {"images/s": r"\d+ images/s", "seconds": r"[\d.]+ s", "step": r"step \d+/1875", "left": r"left 1:02:03"}


def test_what_is_written_to_a_file_is_whole_and_has_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    epochs_on(console())
    lines = written.getvalue().splitlines()
    assert len(lines) == 20 and "\x1b" not in written.getvalue()
    assert all(line.endswith("  lr 1.00e-03  12346 images/s  12.3 s") for line in lines)


def test_everything_that_may_be_left_out_is_a_part_of_the_line() -> None:
    progress = Progress(1, 1, 1, 1, 1.0, 0.5, 0.5, 1.0, 1, 0)
    row = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"), 1.0)
    assert {*EPOCH_LEAST} < {*epoch_parts(progress, row | {"images_per_second": 1.0})}
    assert {*STEP_LEAST} < {*step_parts(progress)}


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "?"), (0, "0:00"), (61, "1:01"), (3600, "1:00:00"), (59.6, "1:00")]
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text

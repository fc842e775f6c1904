"""Repeats on the screen: one bar over all runs with the time left, a line for each that ended."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from cnnbench.cli import repeats_screen
from cnnbench.cli.repeats_screen import RepeatsScreen
from cnnbench.jobs.types import Ended, Job
from cnnbench.runs.run import Run
from tests.builders.repeated import finish, planned, varied


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(repeats_screen, "time", made)
    return made


def ended(name: str, folder: Path, state: str = "done", reason: str = "all epochs done") -> Ended:
    return Ended(Job(name, folder, ""), state, reason, "", 75.0)  # type: ignore[arg-type]  # a state's name


def test_time_left_counts_what_is_done_and_what_will_not_be(clock: Clock, tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0, epochs=5))
    shown = RepeatsScreen(Console(file=io.StringIO()), ["seed-0", "seed-7", "seed-42"], 10)
    shown.on_missing(["seed-0", "seed-7"])  # the third has finished before
    assert shown.seconds_left is None
    shown.on_start("seed-0", 3)
    clock.now = 20.0
    for epoch in (4, 5):
        shown.on_epoch("seed-0", epoch)
    assert shown.seconds_left == 10 * (5 + 10)
    shown.on_end(Run(folder.child("seed-0")), ended("seed-0", folder.child("seed-0")))
    assert shown.seconds_left == 10 * 10  # it stopped early


def test_lines_stay_and_the_bar_goes_away(clock: Clock, tmp_path: Path) -> None:
    folder = planned(tmp_path)
    finish(folder, "seed-0", varied(0))
    written = io.StringIO()
    with RepeatsScreen(Console(file=written, force_terminal=True, width=160), ["seed-0", "seed-42"], 8) as shown:
        shown.on_start("seed-0", 0)
        clock.now = 4.0
        shown.on_epoch("seed-0", 2)
        shown._bar.refresh()
        shown.on_end(Run(folder.child("seed-0")), ended("seed-0", folder.child("seed-0")))
        missing = Run(folder.child("seed-42"))
        shown.on_end(missing, ended("seed-42", folder.child("seed-42"), "failed", "out of [red]memory"))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.getvalue())
    assert re.search(r"2 to go +\S+ +seed-0 epoch 2/8  left 0:56", text)
    assert "seed-0   val_accuracy 91.44 %  test accuracy 89.74 %  1 min 15 s\n" in text
    assert "seed-42  failed: out of [red]memory\n" in text
    assert written.getvalue().rstrip("\n").endswith("\x1b[2K")  # the bar is wiped away


def test_away_from_a_terminal_there_are_only_lines(tmp_path: Path) -> None:
    folder, written = planned(tmp_path), io.StringIO()
    with RepeatsScreen(Console(file=written), ["seed-0"], 8) as shown:
        shown.on_stage("drawing the report")
        shown.on_start("seed-0", 0)
        shown.on_epoch("seed-0", 1)
        missing = Run(folder.child("seed-0"))
        shown.on_end(missing, ended("seed-0", folder.child("seed-0"), "interrupted", "interrupted"))
    assert written.getvalue() == "seed-0  interrupted after 0 epoch(s)\n"

"""Progress for who trains from Python: on a terminal, in a notebook, nowhere else."""

from __future__ import annotations

import io
import os
import select
import sys
from types import SimpleNamespace

import pytest

from cnnbench.experiment.watching import watching
from cnnbench.training.observer import Progress

PROGRESS = Progress(1, 3, 10, 10, 0.5, 0.75, 0.7, 1e-3, 900.0, 4.0)
ROW = {"epoch": 1.0, "loss": 0.5, "accuracy": 0.75, "val_accuracy": 0.7, "seconds": 1.5, "images_per_second": 900.0}


def told(wanted: bool) -> None:
    with watching(wanted) as observer:
        observer.on_stage("reading digits")
        observer.on_step(PROGRESS)
        observer.on_epoch(PROGRESS, ROW)
        observer.on_note("a note")


def test_a_terminal_gets_a_line_per_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        told(wanted=True)
        shown = b""
        while b"epoch 1/3" not in shown:  # a terminal hands over what it has so far
            ready, _, _ = select.select([ours], [], [], 10)
            assert ready, shown
            shown += os.read(ours, 100_000)
    os.close(ours)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_file_gets_nothing(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    told(wanted)
    assert written.getvalue() == ""


def test_a_notebook_gets_one_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    written, kernel = io.StringIO(), SimpleNamespace(kernel=object())
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: kernel))
    told(wanted=True)
    shown = [line.rstrip() for line in written.getvalue().split("\r")]
    assert shown[1] == "reading digits" and shown[2].startswith("epoch 1/3")
    assert shown[3:] == ["", ""] and "\n" not in written.getvalue()
    told(wanted=False)
    assert written.getvalue().count("epoch 1/3") == 1

"""What a failing sink does to a run: nothing."""

from __future__ import annotations

import time

import pytest

from cnnbench.errors import InterruptedRun
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.sinks import tracked
from cnnbench.sinks.tracked import Guarded, Tracked
from cnnbench.training.observer import Silent
from tests.builders.listed import make_run

HISTORY = [{"epoch": 1.0, "loss": 0.5}, {"epoch": 2.0, "loss": 0.25}]


class Far:
    """Stands for a server that is away for so many calls."""

    name, failure = "mlflow", "could not be reached"

    def __init__(self, away: float, error: BaseException | None = None) -> None:
        self.away, self.error = away, error or ConnectionError("Connection refused\nby [red]\x1b[31m")
        self.told: list[list[dict[str, float]]] = []
        self.calls = self.finished = 0

    def update(self, history):
        self.calls += 1
        if self.calls <= self.away:
            raise self.error
        self.told.append(list(history))

    def finish(self, history):
        self.update(history)
        self.finished += 1


def test_one_note_for_many_failures_and_a_pause_after_each():
    shown: list[str] = []
    far = Far(away=9)
    guarded = Guarded(far, shown.append)
    for _ in range(3):
        guarded.update(HISTORY)
    assert far.calls == 1, "no second try within the pause"
    guarded.finish(HISTORY)
    assert far.calls == 2, "but one at the end"
    assert shown == [guarded.note] == ["mlflow: could not be reached (Connection refused)"]


def test_after_the_pause_it_gets_everything(monkeypatch):
    shown: list[str] = []
    monkeypatch.setattr(tracked, "PAUSE", 0.01)
    far = Far(away=1)
    guarded = Guarded(far, shown.append)
    guarded.update(HISTORY[:1])
    time.sleep(0.02)
    guarded.update(HISTORY)
    guarded.finish(HISTORY)
    assert far.told == [HISTORY, HISTORY]
    assert guarded.note == "mlflow: could not be reached (Connection refused); in the end it got everything"


def test_control_characters_and_endless_messages_do_not_reach_the_screen():
    shown: list[str] = []
    Guarded(Far(1, ValueError("\x1b[31m" + "very long " * 1000)), shown.append).update([])
    assert "\x1b" not in shown[0]
    assert len(shown[0]) < 400


def run_with(monkeypatch, tmp_path, sink, state="done"):
    run = RunDir(make_run(tmp_path / "x/1", state=state, notes=["float32"]))
    monkeypatch.setattr(tracked, "sinks_of", lambda run, config, names: [sink])
    return run


def test_the_note_stands_in_the_status(tmp_path, monkeypatch):
    run = run_with(monkeypatch, tmp_path, Far(away=9))
    with tracked.tracked(["mlflow"], run, None, Silent()) as watched:
        assert watched.notes == ["mlflow: could not be reached (Connection refused)"]
    status = Run(run.path).status
    assert status["notes"] == ["float32", "mlflow: could not be reached (Connection refused)"]
    assert status["state"] == "done"


def test_an_error_of_the_run_is_not_covered_up_by_one_of_a_sink(tmp_path, monkeypatch):
    far = Far(away=9)
    run = run_with(monkeypatch, tmp_path, far, state="failed")
    with pytest.raises(ZeroDivisionError), tracked.tracked([], run, None, Silent()):
        raise ZeroDivisionError
    assert far.calls == 2, "it was told of the end all the same"


def test_interrupted_while_telling(tmp_path, monkeypatch):
    class Slow(Far):
        def finish(self, history):
            raise KeyboardInterrupt

    run = run_with(monkeypatch, tmp_path, Slow(away=0))
    told = r"^interrupted while telling the sinks; the run is written down in .*x/1$"
    with pytest.raises(InterruptedRun, match=told), tracked.tracked([], run, None, Silent()):
        pass
    assert Run(run.path).status["state"] == "done"


def test_everything_else_is_passed_on(tmp_path):
    heard: list[object] = []

    class Ear(Silent):
        def on_stage(self, text):
            heard.append(text)

        def on_step(self, progress):
            heard.append(progress)

        def on_epoch(self, progress, row):
            heard.append((progress, row))

        def on_note(self, text):
            heard.append(text)

    passing = Tracked(RunDir(tmp_path), [], Ear())
    passing.on_stage("a")
    passing.on_step("b")
    passing.on_epoch("c", HISTORY[0])
    passing.on_note("d")
    assert heard == ["a", "b", ("c", HISTORY[0]), "d"]
    assert passing.notes == []

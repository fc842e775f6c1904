"""One status for runs, repeats and sweeps, true from the first moment on."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from cnnbench.errors import DataError, OutputError
from cnnbench.files.lock import held
from cnnbench.runs.status import STATUS, Status, is_alive, shown_state

ORIGIN: dict[str, Any] = {"smoke": False, "data": "digits", "network": "mlp"}


def test_what_begins_says_who_works_on_what(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    Status.start(path, epochs=3, changes=["seed=1"], **ORIGIN)
    told = STATUS.read(path)
    assert told == json.loads(path.read_text())
    assert (told["state"], told["reason"], told["ended"], told["epochs"]) == ("running", None, None, 3)
    assert (told["host"], told["pid"], told["data"], told["network"]) == (platform.node(), os.getpid(), "digits", "mlp")
    assert told["changes"] == ["seed=1"] and 0 <= told["seconds"] < 60


def test_what_goes_on_adds_to_what_was_told_before(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    first = Status.start(path, changes=["seed=1", "train.epochs=2"], **ORIGIN)
    first.end("interrupted", "Ctrl-C")
    path.write_text(json.dumps({**first.values, "seconds": 100.0, "started": "2026-01-01T00:00:00+00:00"}))
    second = Status.start(path, changes=["train.epochs=3"], **ORIGIN)
    assert second.values["changes"] == ["seed=1", "train.epochs=3"]
    assert second.values["started"] == "2026-01-01T00:00:00+00:00" and second.values["ended"] is None
    assert 100 <= second.seconds < 160
    second.end("done", "all epochs done", best_epoch=3)
    told = STATUS.read(path)
    assert (told["state"], told["reason"], told["best_epoch"]) == ("done", "all epochs done", 3)
    assert told["seconds"] >= 100 and told["ended"] >= told["started"]


def test_a_folder_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    status = Status.start(folder / "status.json", **ORIGIN)
    (folder / "status.json").unlink()
    folder.rmdir()
    with pytest.raises(OutputError, match="it is gone"):
        status.update(epoch=1)
    assert not folder.exists()


def test_damage_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text('{"seconds": "long"}')
    with pytest.raises(DataError, match=r'status\.json: seconds: expected a number or null, found "long"'):
        Status.start(tmp_path / "status.json", **ORIGIN)


def test_what_runs_no_more_without_a_word_has_stopped(tmp_path: Path) -> None:
    running = {"state": "running"}
    assert not is_alive(tmp_path, running) and shown_state(running, alive=False) == "stopped"
    with held(tmp_path, ""):
        assert is_alive(tmp_path, running) and shown_state(running, alive=True) == "running"
        assert not is_alive(tmp_path, {"state": "done"})
    assert shown_state({"state": "failed"}, alive=False) == "failed" and shown_state({}, alive=False) == "unknown"

from __future__ import annotations

import os
import platform

import pytest

from cnnbench.errors import ConfigError
from cnnbench.files.lock import held
from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, write_interrupted_run, write_run, write_status
from tests.tools import listed


def moved(run: RunDir, time: str) -> RunDir:
    return RunDir(run.path.rename(run.path.with_name(time)))


def test_runs_are_described_newest_last(tmp_path):
    moved(write_run(tmp_path, digits(), name="b"), "20260301-100000-aaaaaaaa")
    moved(write_interrupted_run(tmp_path, digits(), name="a"), "20260301-110000-aaaaaaaa")
    moved(write_run(tmp_path, digits(2), name="b", smoke=True), "20260301-090000-aaaaaaaa")
    found = listed(tmp_path)
    assert [run["path"].split("/")[-2:] for run in found] == [
        ["b", "20260301-090000-aaaaaaaa"],
        ["b", "20260301-100000-aaaaaaaa"],
        ["a", "20260301-110000-aaaaaaaa"],
    ]
    assert [(run["name"], run["state"], run["smoke"], run["images"]) for run in found] == [
        ("b", "done", True, 180),
        ("b", "done", False, 497),
        ("a", "interrupted", False, None),
    ]
    assert [run["accuracy"] for run in found] == [178 / 180, 450 / 497, None]
    assert [(run["epoch"], run["epochs"], run["seconds"]) for run in found] == [(8, 20, 3.4)] * 3


def test_a_running_run_is_alive_while_a_process_holds_its_folder(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    write_status(run, state="running", host=platform.node(), pid=os.getppid())  # a number that another process has now
    assert listed(tmp_path)[0]["alive"] is False
    with held(run.path, ""):
        assert listed(tmp_path)[0]["alive"] is True
    assert listed(tmp_path)[0]["alive"] is False


def test_damaged_and_nameless_runs_are_listed_too(tmp_path):
    write_run(tmp_path, digits(), name="broken").metrics.write_text("{")
    write_run(tmp_path, digits(), name="early").status.unlink()
    states = {run["name"]: run["state"] for run in listed(tmp_path)}
    assert states == {"broken": "unreadable", "early": "unknown"}


def test_a_folder_without_runs_has_none(tmp_path):
    assert listed(tmp_path) == []
    with pytest.raises(ConfigError, match="nowhere: not a folder"):
        listed(tmp_path / "nowhere")

"""What a sweep does where something around it fails, or where it is stopped; its trainings end as a test says."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnbench.errors import CnnbenchError, ConfigError, DataError, InterruptedRun, OutputError
from cnnbench.files.whole import write_csv, write_json
from cnnbench.jobs.types import Ended, Event, Job, State
from cnnbench.runs.folder import RunDir, create_at
from cnnbench.runs.run import Run
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.run.trials import SweepResults
from cnnbench.sweep.tell.look import look, look_text
from cnnbench.sweep.tell.results import read_folder
from tests.builders.searching import RATE, again, folder_of, numbers, search, write_sweep


class Engine:
    """Ends each training as `ends` says of it, with the run folder of one that is done."""

    slots = 1

    def __init__(self, ends: Callable[[Job], State]) -> None:
        self._ends, self._begun = ends, deque[Job]()
        self.started: list[str] = []

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def start(self, job: Job) -> None:
        self._begun.append(job)
        self.started.append(job.key)

    def next_event(self, timeout: float) -> Event | None:
        if not self._begun:
            return None
        job = self._begun.popleft()
        state = self._ends(job)
        if state == "done":
            finish(job)
        return Ended(job, state, "No space left on device" if state == "disk" else "its reason", "", 1.0)

    def answer(self, job: Job, go_on: bool) -> None:
        raise AssertionError("nothing is judged")

    def stop(self) -> None:
        pass


def finish(job: Job) -> None:
    run = RunDir(job.folder) if job.folder.exists() else create_at(job.folder, job.config)
    write_json(run.status, {"state": "done", "reason": "all epochs done", "kept_epoch": 1, "seconds": 1.0})
    write_csv(run.history, ["epoch", "val_accuracy"], [[1, 0.5]])
    write_json(run.metrics, {"accuracy": 0.5})


def go(path: Path, monkeypatch: pytest.MonkeyPatch, ends: Callable[[Job], State], **options: Any) -> SweepResults:
    monkeypatch.setattr("cnnbench.sweep.execute._engine", lambda execution: Engine(ends))
    return search(path, command="cnnbench sweep it", **options)


def states(results: SweepResults) -> list[str]:
    return [trial.state for trial in results.trials]


@pytest.mark.parametrize(("state", "kind"), [("disk", OutputError), ("data", DataError)])
def test_a_fault_around_it_stops_a_sweep_and_spoils_no_trial(
    state: State, kind: type[CnnbenchError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = write_sweep(tmp_path), []

    def second_fails(job: Job) -> State:
        seen.append(job.key)
        return state if len(seen) == 2 else "done"

    with pytest.raises(kind) as raised:
        go(path, monkeypatch, second_fails)
    assert str(raised.value).startswith(f"{seen[1]}: ")
    assert str(raised.value).endswith("; go on with the same command: cnnbench sweep it")
    assert len(seen) == 2 and states(again(folder_of(path))) == ["done", "stopped"]
    assert Run(folder_of(path).path).status["state"] == "interrupted"
    assert states(go(path, monkeypatch, second_fails)) == ["done"] * 4
    assert seen[2] == seen[1] and len(seen) == 5  # the one that was stopped goes on, none is done twice


def test_data_that_one_trial_alone_names_wrongly_are_its_own_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sweep(tmp_path, space={"data.subset.train": [100, 150]}, repeats=1)
    assert states(go(path, monkeypatch, lambda job: "data" if "train: 100" in job.config else "done")) == [
        "failed",
        "done",
    ]


def test_data_that_were_there_before_are_away_also_where_they_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = {"data.subset.train": [100, 150], RATE: [0.1, 0.2]}
    path, read = write_sweep(tmp_path, space=space), []

    def away_at_the_second(job: Job) -> State:
        read.append(job.key)
        if len(read) == 2:
            return "data"
        finish(job)
        write_json(RunDir(job.folder).split, {})  # it has found its images
        return "done"

    with pytest.raises(DataError):
        go(path, monkeypatch, away_at_the_second)
    assert states(again(folder_of(path))) == ["done", "stopped"]


def test_a_full_disk_where_the_sweep_itself_writes_is_told_with_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sweep(tmp_path)

    def full(*arguments: Any, **named: Any) -> None:
        raise OutputError("leaderboard.csv: cannot be written (No space left on device)")

    with monkeypatch.context() as patch, pytest.raises(OutputError) as raised:
        patch.setattr("cnnbench.sweep.tell.page.write_leaderboard", full)
        go(path, patch, lambda job: "done")
    assert str(raised.value) == (
        "leaderboard.csv: cannot be written (No space left on device); go on with the same command: cnnbench sweep it"
    )
    assert states(go(path, monkeypatch, lambda job: "done")) == ["done"] * 4


def test_one_signal_stops_a_search_whose_proposals_make_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sweep(tmp_path, search="tpe", space={RATE: [0.1, 0.2]}, budget={"hours": 1})
    asked = []

    def nothing_new(*arguments: Any) -> bool:
        asked.append(1)
        if len(asked) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return False

    monkeypatch.setattr("cnnbench.sweep.run.ledger.Ledger._is_new", nothing_new)
    with pytest.raises(InterruptedRun, match="interrupted by SIGINT after 0 finished"):
        go(path, monkeypatch, lambda job: "done")
    assert len(asked) == 3


def test_hours_end_a_search_whose_proposals_make_no_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sweep(tmp_path, search="tpe", space={RATE: [0.1, 0.2]}, budget={"hours": 1e-4})
    monkeypatch.setattr("cnnbench.sweep.run.ledger.Ledger._is_new", lambda *arguments: False)
    assert states(go(path, monkeypatch, lambda job: "done")) == []
    assert Run(folder_of(path).path).status["reason"] == "out of budget.hours"


def test_an_exhausted_space_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sweep(tmp_path, search="tpe", space={RATE: [0.1, 0.2]}, budget={"hours": 1})
    for _ in range(2):
        assert states(go(path, monkeypatch, lambda job: "done")) == ["done"] * 2
        assert Run(folder_of(path).path).status["reason"] == "all 2 points of the space tried"


def test_a_folder_tells_the_trials_of_a_study_that_is_elsewhere_and_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, elsewhere = write_sweep(tmp_path, repeats=2), tmp_path / "elsewhere.db"
    storage = f"sqlite:///{elsewhere}"
    results = go(path, monkeypatch, lambda job: "failed" if job.key.endswith("/1") else "done", storage=storage)
    folder = folder_of(path)
    assert not folder.study.exists() and states(read_folder(folder.path, storage)) == ["failed"] * 4
    elsewhere.unlink()
    with pytest.raises(ConfigError, match=r"^--storage sqlite:///.*/other\.db: holds no study sweep-[0-9a-f]{8}, that"):
        read_folder(folder.path, f"sqlite:///{tmp_path}/other.db")
    assert again(folder) == replace(results, sweep=load_sweep(folder.sweep, checked=True))
    assert look_text(look(folder.path, None)).startswith(f"{folder.path}: done\ntrials   4 of 4 (4 failed)")
    folder.kept.write_text(folder.kept.read_text().replace('"number"', '"nummer"'))
    with pytest.raises(DataError, match=r"trials.json: trials.0.number: "):
        again(folder)


def test_the_best_of_kept_trials_is_the_best_of_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, elsewhere = write_sweep(tmp_path), tmp_path / "elsewhere.db"
    results = go(path, monkeypatch, lambda job: "done", storage=f"sqlite:///{elsewhere}")
    elsewhere.unlink()
    folder, kept = folder_of(path), again(folder_of(path))
    assert kept.best_config == results.best_config is not None and numbers(kept) == numbers(results)
    go(path, monkeypatch, lambda job: "done")
    assert folder.study.exists() and not folder.kept.exists() and numbers(again(folder)) == numbers(results)


@pytest.mark.parametrize("read", [read_folder, look], ids=["report", "status"])
def test_a_sweep_file_alone_is_told_in_a_line(read: Callable[[Path, None], object], tmp_path: Path) -> None:
    path = write_sweep(tmp_path)
    with pytest.raises(ConfigError) as raised:
        read(path.parent, None)
    said = f"a sweep that has not begun, or whose trials are gone; `cnnbench sweep {path}` runs it"
    assert str(raised.value) == f"{path.parent}: {said}"

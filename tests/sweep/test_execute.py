"""Whole sweeps with real trainings: what is run, what is run again, and what becomes of those that fail."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, cast

import pytest

from cnnbench.errors import ConfigError, OutputError
from cnnbench.files.lock import holder
from cnnbench.jobs.local import LocalEngine
from cnnbench.runs.parents import SweepDir
from cnnbench.runs.run import Run
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.execute import SHARE, Keeper, SweepOptions, _engine, _import_ahead, _locked
from cnnbench.sweep.run.conductor import Watcher
from cnnbench.sweep.run.ledger import Point
from cnnbench.sweep.run.trials import SweepResults, Trial
from tests.builders.searching import RATE, again, folder_of, numbers, search, trained, write_sweep
from tests.tools import cnnbench, process, start, tiny


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SweepResults]:
    path = write_sweep(tmp_path_factory.mktemp("grid"), repeats=2)
    return path, search(path)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SweepResults]:
    path = write_sweep(tmp_path_factory.mktemp("drawn"), **RANDOM)
    return path, search(path)


RANDOM: dict[str, Any] = {
    "search": {"method": "random", "seed": 3},
    "space": {RATE: {"low": 1e-4, "high": 1e-1, "log": True}, "train.batch_size": [32, 64]},
    "budget": {"trials": 4},
}


PART: dict[str, Any] = {"space": {RATE: [0.01, 0.001], "train.batch_size": [32]}, "repeats": 2}


def test_a_grid_runs_every_point_and_ranks_by_the_mean_over_seeds(grid: tuple[Path, SweepResults]) -> None:
    path, results = grid
    values = [(trial.values[RATE], trial.values["train.batch_size"]) for trial in results.trials]
    assert values == [(0.01, 32), (0.01, 64), (0.001, 32), (0.001, 64)]
    for trial in results.trials:
        assert trial.state == "done" and trial.objectives is not None
        assert [run.seed for run in sorted(trial.runs, key=lambda run: run.seed)] == [0, 1]
        for run in trial.runs:
            history = Run(Path(str(run.path))).history
            assert run.values["val_accuracy"] == history[-1]["val_accuracy"]
        assert trial.objectives[0] == pytest.approx(fmean(run.values["val_accuracy"] for run in trial.runs))
    with folder_of(path).leaderboard.open(newline="") as file:
        rows = list(csv.DictReader(file))
    means = sorted((trial.objectives[0] for trial in results.trials if trial.objectives), reverse=True)
    assert [float(row["val_accuracy"]) for row in rows] == pytest.approx(means)


def test_a_leaderboard_that_takes_long_to_write_is_written_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now, takes, written = 0.0, 0.0, []

    class Slow:
        """Results that take their time to be read and written."""

        def results(self, state: str) -> str:
            return state

        def write(self, results: str, *, plots: bool) -> None:
            nonlocal now
            now += takes
            written.append(now)

    monkeypatch.setattr("cnnbench.sweep.execute.time.monotonic", lambda: now)
    keeper = Keeper(cast(Any, None), cast(Any, Slow()))
    for _ in range(3):  # trials that end in the same moment, of which each is written at once
        keeper.on_trial(cast(Any, None), "done", "")
    assert written == [0.0, 0.0, 0.0]
    takes = 0.5
    for second in range(1, 41):
        now = float(second)
        keeper.on_trial(cast(Any, None), "done", "")
    assert written[3:] == [1.5, 12.5, 23.5, 34.5]  # after 10 s each, of which half a second is a twentieth
    assert takes / SHARE == 10.0


def test_the_best_configuration_runs_as_it_is(grid: tuple[Path, SweepResults], tmp_path: Path) -> None:
    path, results = grid
    best = max(results.trials, key=lambda trial: trial.objectives or (0.0,))
    ran = process("train", folder_of(path).best, "train.threads=1", "--json", "--quiet", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    (run,) = (tmp_path / "outputs").glob("sweep-best/*")
    assert Run(run).history[-1]["val_accuracy"] == next(r.values["val_accuracy"] for r in best.runs if r.seed == 0)


def test_a_sweep_that_is_run_again_trains_nothing(grid: tuple[Path, SweepResults]) -> None:
    path, results = grid
    before = trained(folder_of(path))
    assert numbers(search(path)) == numbers(results)
    assert trained(folder_of(path)) == before


@pytest.mark.slow
def test_a_sweep_with_a_value_more_trains_that_alone(grid: tuple[Path, SweepResults]) -> None:
    path, results = grid
    before = trained(folder_of(path))
    write_sweep(path.parent, repeats=2, space={RATE: [0.01, 0.003], "train.batch_size": [32]})
    more = search(path)
    assert [trial.values[RATE] for trial in more.trials] == [0.01, 0.003]
    assert numbers(more)[0] == numbers(results)[0]
    after = trained(folder_of(path))
    assert before.items() <= after.items() and len(after) == len(before) + 2
    write_sweep(path.parent, repeats=2)
    assert numbers(search(path)) == numbers(results)  # as it was


@pytest.mark.slow
@pytest.mark.parametrize("which", ["grid", "drawn"])
def test_a_sweep_killed_with_all_its_processes_ends_as_one_that_was_not(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole: SweepResults = request.getfixturevalue(which)[1]
    path = write_sweep(tmp_path, **(PART if which == "grid" else RANDOM))
    folder = folder_of(path)
    for wanted in (1, 3):  # finished trainings at which it is killed
        process = start("sweep", path, "--quiet", cwd=tmp_path)
        wait_until(lambda wanted=wanted: len(trained(folder)) >= wanted, process)
        kill_tree(folder, process)
    finished = trained(folder)
    resumed = search(path)
    assert len(resumed.trials) == (2 if which == "grid" else 4)
    assert numbers(resumed) == numbers(replace(whole, trials=[t for t in whole.trials if is_swept(t, which)]))
    assert finished.items() <= trained(folder).items()  # none of them was trained again


def is_swept(trial: Trial, which: str) -> bool:
    return which == "drawn" or trial.values["train.batch_size"] == 32


@pytest.mark.slow
def test_ctrl_c_stops_after_checkpoints_and_says_how_to_go_on(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, space={RATE: [0.01, 0.001]}, fixed={"train.epochs": 4000})
    process = start("sweep", path, cwd=tmp_path)
    folder = folder_of(path)
    wait_until(lambda: len(list(folder.trials.glob("*/seed-0/history.csv"))) == 2, process)
    seen = cnnbench("sweep", path, "--status", cwd=tmp_path)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    how = f"go on with the same command: cnnbench sweep {path}"
    assert err == f"error: interrupted by SIGINT after 0 finished trial(s); {how}\n"
    states = {Run(p.parent).status["state"] for p in folder.trials.glob("*/seed-0/status.json")}
    assert states == {"interrupted"}
    assert ": running\n" in seen.stdout and "seed 0: epoch " in seen.stdout
    assert {trial.state for trial in again(folder).trials} == {"stopped"}
    epochs = [len(Run(p.parent).history) for p in folder.trials.glob("*/seed-0/history.csv")]
    write_sweep(tmp_path, space={RATE: [0.01, 0.001]}, fixed={"train.epochs": 4000}, budget={"trial_minutes": 0.001})
    assert {trial.state for trial in search(path).trials} == {"failed"}  # gone on with, until its time is over
    assert [len(Run(p.parent).history) for p in folder.trials.glob("*/seed-0/history.csv")] >= epochs


@pytest.mark.slow
def test_two_machines_share_a_study_and_neither_does_the_other_ones_trials(tmp_path: Path) -> None:
    path, url = write_sweep(tmp_path), f"sqlite:///{tmp_path}/shared.db"
    machines = [
        start("sweep", path, "--storage", url, "--output", tmp_path / machine, "--slots", "1", "--quiet", cwd=tmp_path)
        for machine in ("one", "two")
    ]
    for working in machines:
        _, err = working.communicate(timeout=240)
        assert working.returncode == 0, err
    here, there = (trained(SweepDir(tmp_path / machine / "sweep")) for machine in ("one", "two"))
    assert here and there and not here.keys() & there.keys() and len(here) + len(there) == 4
    seen = cnnbench("sweep", path, "--status", "--storage", url, "--output", tmp_path / "one", "--json", cwd=tmp_path)
    assert '"done": 4' in seen.stdout


def test_only_one_process_works_on_a_sweep(tmp_path: Path) -> None:
    path = write_sweep(tmp_path)
    with _locked(folder_of(path)), pytest.raises(ConfigError, match="another process works on this sweep"):
        search(path)


def imports(path: Path) -> bool:
    """Return whether a sweep would have jobs' imports begun before its first job."""
    sweep = load_sweep(path)
    with _engine(sweep.execution) as engine:
        _import_ahead(engine, sweep, folder_of(path), SweepOptions())
        assert isinstance(engine, LocalEngine)
        assert (engine._preloaded is not None) == sweep.execution.preload
        return engine._preloaded is not None and engine._preloaded._server is not None


@pytest.mark.parametrize("changes", [{"execution": {"preload": False}}, {"base": tiny(train__backend="jax")}, {}])
def test_trainings_start_from_what_is_imported_unless_the_file_says_no(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert imports(write_sweep(tmp_path, **changes)) == (not changes)


def test_a_sweep_that_is_done_imports_nothing_for_trainings(grid: tuple[Path, SweepResults]) -> None:
    assert not imports(grid[0])


class Breaker(Watcher):
    """Takes a table of the study away once a training has begun."""

    def __init__(self, study: Path) -> None:
        self.study = study

    def on_start(self, point: Point, seed: int) -> None:
        rename(self.study, "trials", "away")


def rename(study: Path, table: str, other: str) -> None:
    with closing(sqlite3.connect(study)) as database:
        database.execute(f"ALTER TABLE {table} RENAME TO {other}")


@pytest.mark.slow
def test_a_storage_that_fails_is_told_in_one_line_and_gone_on_with(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, space={RATE: [0.01]})
    folder = folder_of(path)
    with pytest.raises(
        OutputError, match=r"study cannot be read or written \(.*no such table: trials.*the same command"
    ):
        search(path, watchers=(Breaker(folder.study),))
    rename(folder.study, "away", "trials")
    assert {trial.state for trial in again(folder).trials} == {"stopped"}
    assert {trial.state for trial in search(path).trials} == {"done"}


@pytest.mark.slow
def test_a_smoke_test_of_a_sweep_stands_apart(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, repeats=3)
    results = search(path, smoke=True)
    assert results.smoke and results.sweep.name == "sweep-smoke" and not folder_of(path).path.exists()
    found = again(SweepDir(folder_of(path).path.with_name("sweep-smoke")))  # as --status and report read it
    assert (found.sweep.budget, found.trials) == (results.sweep.budget, results.trials)
    assert [trial.state for trial in results.trials] == ["done"] * len(results.trials) and results.trials
    assert all(Run(Path(str(run.path))).status["smoke"] for trial in results.trials for run in trial.runs)


def wait_until(condition: Any, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + 240
    while not condition() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill_tree(folder: SweepDir, process: subprocess.Popen[Any]) -> None:
    """Send SIGKILL to a sweep and every training it has begun."""
    if (told := holder(folder.path)) is not None:  # else it has ended by itself since
        pid = int(told.split()[1])
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
    process.communicate()
